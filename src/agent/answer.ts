/** An answer of the agent: status, and a JSON body or text. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | readonly unknown[] | string;
  readonly etag?: string;
  /** Facts that upstream's agent does not report; its bodies stay unchanged. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that ends the request; thrown where the mistake is found. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly answer: Answer;

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    super(JSON.stringify(body));
    this.answer = { status, body };
  }
}

export function answer(status: number, message: string, details?: string): Answer {
  return { status, body: details === undefined ? { message } : { message, details } };
}

/** The form in which the agent's web framework reports its own errors (werkzeug's, as JSON). */
export function frameworkError(status: 400 | 404 | 405 | 408 | 413 | 500, detail?: string): Answer {
  const texts = {
    400: `Bad Request: ${detail}`,
    404: 'Not Found: The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
    405: 'Method Not Allowed: The method is not allowed for the requested URL.',
    408: 'Request Timeout: The server closed the network connection because the browser did not finish the request within the specified time.',
    413: 'Request Entity Too Large: The data value transmitted exceeds the capacity limit.',
    500: `Internal Server Error: ${detail}`,
  };
  return { status, body: { error: `${status} ${texts[status]}`, http_code: status } };
}
