// holdfast/otel: what a client does, as spans and metrics of OpenTelemetry and on Node's diagnostics channels.
export { publishEvents } from './channels.js';
export type { Observable } from './client.js';
export { instrument, type InstrumentOptions } from './instrument.js';
