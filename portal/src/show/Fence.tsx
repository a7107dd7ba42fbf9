import { Component, type ReactNode } from "react";

interface FenceProps {
  /** What to show instead when drawing fails. */
  instead: ReactNode;
  children: ReactNode;
}

/** Keeps a part of the page that cannot be drawn from taking the rest with it. */
export class Fence extends Component<FenceProps, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? this.props.instead : this.props.children;
  }
}
