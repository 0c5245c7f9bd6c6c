import { Popover } from 'radix-ui'
import { useLanguage } from '../language/language'

export function QueryHelp() {
  const { t } = useLanguage()
  return (
    <Popover.Root>
      <Popover.Trigger className="button">{t.logs.help}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="hint query-help" align="end" sideOffset={4} collisionPadding={8}>
          <dl>
            {t.logs.helpRows.map(([example, meaning]) => (
              <div key={example}>
                <dt className="mono">{example}</dt>
                <dd className="muted">{meaning}</dd>
              </div>
            ))}
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
