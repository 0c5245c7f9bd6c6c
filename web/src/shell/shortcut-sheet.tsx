import { useLanguage } from '../language/language'
import { Modal } from './modal'

export function ShortcutSheet({ onClose }: { onClose(): void }) {
  const { t } = useLanguage()
  const rows: [string, string][] = [
    ['/', t.keys.search],
    ['j', t.keys.down],
    ['k', t.keys.up],
    ['Enter', t.keys.open],
    ['e', t.keys.acknowledge],
    ['x', t.keys.resolve],
    ['⌘K · Ctrl K', t.keys.palette],
    ['?', t.keys.sheet],
    ['Esc', t.keys.escape],
  ]
  return (
    <Modal title={t.keys.title} onClose={onClose}>
      <dl className="key-sheet">
        {rows.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p className="muted">{t.keys.go}</p>
    </Modal>
  )
}
