import { useState } from 'react'

interface Props {
  label: string
  hint: string
  values: readonly string[] | undefined
  onChange(values: string[] | undefined): void
}

/** A comma list. The text stays as typed, so that a comma just typed does not vanish. */
export function ListField({ label, hint, values, onChange }: Props) {
  const [text, setText] = useState(values?.join(', ') ?? '')
  return (
    <label className="field">
      <span>{label}</span>
      <input
        className="mono"
        value={text}
        spellCheck={false}
        aria-describedby={hint}
        onChange={({ target }) => {
          setText(target.value)
          const list = target.value
            .split(',')
            .map((item) => item.trim())
            .filter(Boolean)
          onChange(list.length === 0 ? undefined : list)
        }}
      />
    </label>
  )
}
