import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evidenceOf, incidentOf, reportOf } from '../../../test/support/incidents.ts'
import { checkMessage, textsOf } from '../../../test/support/slack-rules.ts'
import type { Incident, Report } from '../incident.ts'
import { type MessageContext, renderEscalation, renderRoot, renderThread } from './incident-message.ts'
import type { Message } from './message.ts'

const contexts = (['ko', 'en'] as const).map(
  (language): MessageContext => ({
    language,
    timeZone: 'Asia/Seoul',
    publicUrl: 'https://cali.example.com',
    interactive: true,
    analogy: true,
    mentions: ['S0123456'],
  }),
)
const all = (incident: Incident, report: Report): Message[] =>
  contexts.flatMap((at) => [
    renderRoot(incident, report, at),
    renderThread(incident, report, at),
    renderEscalation(incident, 'regressed', at),
  ])

/** Every text that a stranger can fill. */
function filled(text: string, lines = 100): { incident: Incident; report: Report } {
  return {
    incident: incidentOf({
      title: text,
      service: text,
      template: text,
      namespaces: [text, text, text],
      pods: [text],
      versions: [text, text],
      resolvedBy: text,
      acknowledgedBy: text,
      count: 9_999_999,
      regressions: 3,
    }),
    report: reportOf({
      summary: text,
      analogy: text,
      source: 'model',
      model: text,
      injectionSuspected: true,
      hypotheses: [1, 2, 3].map((i) => ({
        id: `H${i}`,
        cause: text,
        category: 'unknown',
        confidence: 'low',
        support: Array.from({ length: 50 }, (_, n) => `E${n}`),
      })),
      actions: Array.from({ length: 10 }, () => ({ text, risk: 'destructive' as const })),
      missing: [text, text, text],
      evidence: Array.from({ length: lines }, (_, i) => evidenceOf({ id: `E${i + 1}`, text, service: text })),
      knowledge: Array.from({ length: 5 }, (_, i) => ({
        id: `K${i + 1}`,
        runbook: 'db-pool-exhausted',
        title: text,
        score: 1,
        exact: false,
      })),
      past: [{ id: 'I1', incident: 'ABC123', title: text, lastSeen: 0, similarity: 1, fix: text }],
      changes: Array.from({ length: 5 }, (_, i) => ({ id: `C${i + 1}`, service: text, at: 0, from: text, to: text })),
    }),
  }
}

const faults = (text: string, lines?: number): string[] => {
  const { incident, report } = filled(text, lines)
  return (['regressed', 'resolved'] as const).flatMap((state) =>
    all({ ...incident, state }, report).flatMap(checkMessage),
  )
}

describe('a message about anything', () => {
  it.each<[string, string]>([
    ['500 characters', 'x'.repeat(500)],
    ['10 KB of quotes, which JSON doubles', '"\\'.repeat(5_000)],
    ['10 KB of Korean', '한글 문장입니다. '.repeat(1_000)],
    ['10 KB of emoji', '😀👩‍👩‍👧'.repeat(1_000)],
    ['lone surrogates', '\ud83d'.repeat(5_000)],
    ['right-to-left overrides', '\u202eevil\u2066 '.repeat(1_000)],
    ['escape sequences', '\u001b[31mred\u001b[0m\u0000'.repeat(500)],
    ['only what is not seen', '\u200b\u202e\u0000'],
    ['only white space', ' \n\t'],
    ['backticks', '`'.repeat(3_000)],
    ['new lines', 'a\n'.repeat(3_000)],
    ['nothing at all', ''],
  ])('made of %s is one that Slack takes', (_name, text) => expect(faults(text)).toEqual([]))

  it('made of any characters is one that Slack takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(faults(text, 5)).toEqual([])
      }),
      { numRuns: 15 },
    )
  })

  it.each([
    '<!channel>',
    '<!here|x>',
    '<@U123>',
    '<#C123>',
    '<http://evil.example|bank>',
    'http://evil.example',
    '```x``` `<!channel>`',
    '&lt;!channel&gt;',
    'a\n<!everyone>',
  ])('with %j mentions and links nothing', (text) => {
    expect(faults(text)).toEqual([])
    const { incident, report } = filled(text)
    for (const message of all(incident, report)) {
      // Markup of ours: one mention block from the configuration, and the buttons' addresses.
      const live = message.blocks.filter((block) => block.type === 'section')
      expect(live.flatMap((block) => textsOf([block]))).toEqual(live.map(() => '<!subteam^S0123456>'))
      expect(JSON.stringify(message.blocks.filter((block) => block.type === 'actions'))).not.toContain('evil')
    }
  })

  it('keeps the mentions and buttons when its text is too long', () => {
    const { incident, report } = filled('"\\'.repeat(5_000))
    for (const at of contexts) {
      const types = renderRoot(incident, report, at).blocks.map((block) => block.type)
      expect(types).toContain('section')
      expect(types.at(-1)).toBe('actions')
    }
  })
})
