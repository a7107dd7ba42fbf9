export function Logo({ size = 26 }: { size?: number }) {
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 10, fontWeight: 700, fontSize: size * 0.7 }}>
      <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#3b5bdb" />
        <rect x="6.5" y="8" width="14" height="16" rx="3" fill="none" stroke="#fff" strokeWidth="2.4" />
        <path d="M24 11.5v9M19.5 16h9" stroke="#b9f0c8" strokeWidth="2.6" strokeLinecap="round" />
      </svg>
      vmext
    </span>
  );
}
