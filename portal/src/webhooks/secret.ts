const BYTES = 32;

/** A new secret in the form of Standard Webhooks; of the browser's source of chance. */
export function newSecret(
  random: (bytes: Uint8Array<ArrayBuffer>) => void = (bytes) => crypto.getRandomValues(bytes),
): string {
  const bytes = new Uint8Array(BYTES);
  random(bytes);
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

/** Whether the API takes it: 24 to 64 bytes. */
export function isSecret(text: string): boolean {
  if (!text.startsWith("whsec_")) {
    return false;
  }
  try {
    const length = atob(text.slice("whsec_".length)).length;
    return length >= 24 && length <= 64;
  } catch {
    return false;
  }
}
