/** Counts as small bars. The number stands beside it, so it is hidden from screen readers. */
export function Sparkline({ counts, severity }: { counts: readonly number[]; severity: string }) {
  const most = Math.max(1, ...counts)
  const step = 96 / Math.max(1, counts.length)
  return (
    <svg className="sparkline" viewBox="0 0 96 20" width="96" height="20" preserveAspectRatio="none" aria-hidden="true">
      <path d="M0 19.5H96" stroke="var(--line)" strokeWidth="1" />
      {counts.map((count, index) => {
        if (count === 0) return null
        const height = Math.max(1.5, (count / most) * 19)
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its position
            key={index}
            x={index * step}
            y={20 - height}
            width={Math.max(1, step - Math.min(1, step * 0.2))}
            height={height}
            className={`fill-${severity.toLowerCase()}`}
          />
        )
      })}
    </svg>
  )
}
