import { type ReactNode, useEffect } from 'react'

interface Props {
  title: string
  lead?: ReactNode
  /** Shown beside the title. */
  aside?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
}

/** Every screen: title, what it is for in one line, then the data. */
export function Page({ title, lead, aside, actions, children, className = '' }: Props) {
  useTitle(title)
  return (
    <div className={`page ${className}`}>
      <header className="page-head">
        <div className="page-title">
          <h1>{title}</h1>
          {aside !== undefined && <span className="faint num">{aside}</span>}
        </div>
        {actions !== undefined && <div className="page-actions">{actions}</div>}
        {lead !== undefined && <p className="page-lead">{lead}</p>}
      </header>
      {children}
    </div>
  )
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · CALI`
  }, [title])
}
