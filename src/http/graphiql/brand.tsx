/** What stands where GraphiQL would show its own name. */
export function Brand() {
  return (
    <span className="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <g fill="none" stroke="#1d7fd6" strokeWidth="3" strokeLinejoin="round">
          <path d="M16 3 28 9 16 15 4 9z" />
          <path d="m4 16 12 6 12-6M4 23l12 6 12-6" />
        </g>
      </svg>
      dockgraph
    </span>
  );
}
