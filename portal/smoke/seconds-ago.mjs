/** An instant as the API writes it. */
export function secondsAgo(seconds) {
  return new Date(Date.now() - seconds * 1000).toISOString();
}
