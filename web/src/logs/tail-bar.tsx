import { useEffect, useRef } from 'react'
import { useLanguage } from '../language/language'
import { Icon } from '../shell/icon'
import { TAIL_KEEPS, type Tail } from './tail'

/** Reading further down pauses the tail by itself: lines must not move away under the eyes. */
export function TailBar({ tail }: { tail: Tail }) {
  const { t, format } = useLanguage()
  const bar = useRef<HTMLDivElement>(null)
  const { paused, setPaused } = tail
  useEffect(() => {
    const onScroll = (): void => {
      const top = bar.current?.getBoundingClientRect().top
      if (!paused && top !== undefined && top < -40) setPaused(true)
    }
    window.addEventListener('scroll', onScroll, { passive: true })
    return () => window.removeEventListener('scroll', onScroll)
  }, [paused, setPaused])
  const resume = (): void => {
    setPaused(false)
    bar.current?.scrollIntoView({ block: 'center' })
  }
  return (
    <div ref={bar} className={`tail-bar ${paused ? 'paused' : ''}`}>
      {paused ? (
        <button type="button" className="button primary" onClick={resume}>
          <Icon name="play" />
          <span className="num">{t.logs.resume(format.number(tail.waiting))}</span>
        </button>
      ) : (
        <button type="button" className="button" onClick={() => setPaused(true)}>
          <Icon name="pause" />
          {t.logs.pause}
        </button>
      )}
      <span className="faint" role="status">
        {tail.lost
          ? t.logs.tailLost
          : tail.lines.length === 0
            ? t.logs.tailing
            : tail.full
              ? t.logs.dropped(format.number(TAIL_KEEPS))
              : t.logs.total(format.number(tail.lines.length))}
      </span>
    </div>
  )
}
