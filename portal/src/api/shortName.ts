/** Eight hexadecimal digits, for names that nobody has to remember. */
export function shortName(): string {
  return [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
