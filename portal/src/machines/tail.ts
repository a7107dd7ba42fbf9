/** So much of a text that grows is kept on the page: the end. */
export const KEPT = 256 * 1024;

/** The end of both, beginning with a whole line when something was cut. */
export function appended(text: string, more: string, kept = KEPT): string {
  const whole = text + more;
  if (whole.length <= kept) {
    return whole;
  }
  const end = whole.slice(whole.length - kept);
  return end.slice(end.indexOf("\n") + 1);
}

/** What a log that begins with its end again adds to what was shown before the connection broke. */
export function unseen(shown: string, again: string): string {
  const last = shown.slice(-2048);
  const place = last === "" ? -1 : again.lastIndexOf(last);
  return place < 0 ? again : again.slice(place + last.length);
}

/** Bytes of one stream, cut anywhere, as text. */
export class Base64Text {
  private readonly decoder = new TextDecoder();

  /** The text that these bytes complete. */
  feed(base64: string): string {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    return this.decoder.decode(bytes, { stream: true });
  }
}

export function byteLength(base64: string): number {
  return atob(base64).length;
}
