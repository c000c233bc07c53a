/** An answer that Systems Manager refuses with: HTTP 400 and `{"__type": name, "message": …}`. */
export class SsmError extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
