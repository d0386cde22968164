// Reads an error body whatever it is: the contract's five fields, Laravel's `errors` map, a list, text, HTML,
// half a JSON document or nothing. Never throws.
import { NO_BODY, type Detail, type ErrorBody } from './answer.js';
import { redactText, redactValue } from './redact.js';

/** Largest error body that is parsed, characters. */
export const BODY_LIMIT = 64 * 1024;
const DETAIL_LIMIT = 50;

/**
 * Reads the body of a failed answer.
 * @param data what the transport delivered: text, bytes or an already parsed value
 * @param secrets values that must not survive in the result
 */
export function readErrorBody(data: unknown, secrets: readonly string[] = []): ErrorBody {
  try {
    const parsed = parse(data);
    const value = Array.isArray(parsed) ? { errors: parsed } : parsed;
    return isRecord(value) ? fieldsOf(value, secrets) : NO_BODY;
  } catch {
    return NO_BODY; // a hostile getter, proxy or decoder
  }
}

/** JSON of a text, or nothing where it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parse(data: unknown): unknown {
  if (typeof data === 'string') return data.length <= BODY_LIMIT ? parseJson(data) : undefined;
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data))
    return data.byteLength <= BODY_LIMIT ? parseJson(new TextDecoder().decode(data)) : undefined;
  return data;
}

function fieldsOf(body: Record<string, unknown>, secrets: readonly string[]): ErrorBody {
  const text = (value: unknown) =>
    typeof value === 'string' && value !== '' ? redactText(value, secrets) : undefined;
  // Some gateways nest: { error: { code, message } }.
  const nested = isRecord(body.error) ? body.error : undefined;
  return defined({
    key: text(nested ? (nested.code ?? nested.type) : body.error),
    message: text(body.message) ?? text(nested?.message),
    description: text(body.error_description),
    hint: text(body.hint),
    context: redactValue(body.context, secrets),
    details: detailsOf(body.errors, secrets).slice(0, DETAIL_LIMIT),
  });
}

/** `errors` as a map of field to text or texts, or as a list of texts or objects. */
function detailsOf(errors: unknown, secrets: readonly string[]): Detail[] {
  if (Array.isArray(errors)) return errors.flatMap((item) => detailOf(item, secrets));
  if (!isRecord(errors)) return [];
  return Object.entries(errors).flatMap(([field, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((item) => detailOf(item, secrets, field)),
  );
}

function detailOf(item: unknown, secrets: readonly string[], field?: string): Detail[] {
  const message = isRecord(item) ? (item.message ?? item.detail ?? item.error) : item;
  const name = field ?? (isRecord(item) ? (item.field ?? item.property ?? item.path) : undefined);
  if (typeof message !== 'string') return [];
  return [
    defined({
      field: typeof name === 'string' ? redactText(name, secrets) : undefined,
      message: redactText(message, secrets),
    }),
  ];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same object without the fields that are undefined. */
export function defined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
