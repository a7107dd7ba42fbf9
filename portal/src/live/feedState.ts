import { createContext, useContext } from "react";
import type { FeedState } from "./feed";

export const FeedStateContext = createContext<FeedState>("connecting");

export function useFeedState(): FeedState {
  return useContext(FeedStateContext);
}
