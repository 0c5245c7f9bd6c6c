import type { ReactNode } from 'react'

/** A table that scrolls sideways on a narrow screen, with the keyboard as well. */
export function TableScroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups controls, this groups nothing of the kind
    <div role="group" className="table-scroll" aria-label={label} tabIndex={0}>
      {children}
    </div>
  )
}
