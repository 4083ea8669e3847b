/** A request answered by an error, in the vendor's words. */
export class Refusal extends Error {
  readonly status: number;
  /** `APIGW.…` comes from the front gateway, anything else from the service behind it. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
  }
}

/** How a service refuses a malformed request. */
export interface Complaints {
  contentType(): Refusal;
  emptyBody(): Refusal;
  notJson(): Refusal;
  /** A parameter or member that is missing, unknown, of the wrong type or out of range. */
  invalid(name: string): Refusal;
}
