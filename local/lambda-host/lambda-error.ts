/** A refusal of the Lambda API: HTTP status, exception name and message as the service sends them. */
export class LambdaError extends Error {
  override readonly name: string;
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}
