/** One message of a server-sent event stream. */
export interface SseMessage {
  id: string;
  event: string;
  data: string;
}

/**
 * Cuts a server-sent event stream into messages (WHATWG HTML 9.2.6). EventSource would do it too, but it hides heartbeats and the
 * answer's status, so it can neither notice a dead connection nor an ended session.
 */
export class SseReader {
  private rest = "";
  private id = "";
  private event = "";
  private data: string[] = [];

  /** Takes the next piece of text, in whatever cut, and returns the messages it completed. */
  feed(piece: string): SseMessage[] {
    const messages: SseMessage[] = [];
    this.rest += piece;
    for (;;) {
      const end = this.rest.search(/[\r\n]/);
      // A CR at the very end may be the first half of CRLF.
      if (end < 0 || (this.rest[end] === "\r" && end === this.rest.length - 1)) {
        return messages;
      }
      const line = this.rest.slice(0, end);
      this.rest = this.rest.slice(end + (this.rest.startsWith("\r\n", end) ? 2 : 1));
      if (line === "") {
        this.dispatch(messages);
      } else {
        this.field(line);
      }
    }
  }

  private dispatch(messages: SseMessage[]): void {
    if (this.data.length > 0) {
      messages.push({ id: this.id, event: this.event || "message", data: this.data.join("\n") });
    }
    this.data = [];
    this.event = "";
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    switch (name) {
      case "id":
        this.id = value;
        break;
      case "event":
        this.event = value;
        break;
      case "data":
        this.data.push(value);
        break;
      default:
      // A comment (empty name) or a field of a later version.
    }
  }
}
