import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { ago, duration } from "./format";

export const NowContext = createContext(0);

/** One clock for all relative times of the page, so that they change together. */
export function NowProvider({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <NowContext value={now}>{children}</NowContext>;
}

export function useNow(): number {
  return useContext(NowContext);
}

export function Ago({ time }: { time: string }) {
  const now = useNow();
  return (
    <time dateTime={time} title={new Date(time).toLocaleString()}>
      {ago(time, now)}
    </time>
  );
}

export function For({ since }: { since: string }) {
  const now = useNow();
  return (
    <time dateTime={since} title={`since ${new Date(since).toLocaleString()}`}>
      {duration((now - Date.parse(since)) / 1000)}
    </time>
  );
}
