// What a customer is told when a login fails, code by code. The compiler names a code that is missing here.
import type { LoginError } from 'holdfast';

export function LoginProblem({ error }: { readonly error: LoginError }) {
  switch (error.code) {
    case 'USER_NOT_FOUND': // or the password is wrong: the API does not tell which
      return (
        <p>
          {error.userMessage} <a href="/forgot">Forgot your password?</a>
        </p>
      );
    case 'USER_DEACTIVATED':
      return (
        <p>
          {error.userMessage} <a href="/contact">Contact us</a>
        </p>
      );
    case 'VALIDATION_FAILED':
      return (
        <ul>
          {[error.userMessage, ...error.details.map(({ message }) => message)].map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      );
    case 'ABORTED': // the form is gone, or the page
    case 'CLIENT_CLOSED':
      return null;
    case 'TOO_MANY_ATTEMPTS': // the form counts down
    case 'QUEUE_FULL':
    case 'API_EXCEPTION': // trying again may help, and the sentence says so
    case 'CIRCUIT_OPEN':
    case 'CONNECTION_FAILED':
    case 'CONNECTION_LOST':
    case 'TIMEOUT':
    case 'DEADLINE_EXCEEDED':
    case 'CONFLICT':
    case 'FORBIDDEN': // nothing that a customer could mend: watch for these where you watch for bugs
    case 'INVALID_CLIENT':
    case 'INVALID_REQUEST':
    case 'INVALID_RESPONSE':
    case 'NOT_FOUND':
    case 'NOT_MOCKED':
    case 'REQUEST_REJECTED':
    case 'UNAUTHORIZED':
    case 'UNEXPECTED_ANSWER':
    case 'UNEXPECTED_REDIRECT':
      return <p>{error.userMessage}</p>;
    default:
      return error satisfies never;
  }
}
