/** Sentences of Slack messages. */
import type { Confidence, Fold, IncidentState, SeverityReason, UiLanguage } from '../incident.ts'

export interface MessageTexts {
  since(time: string): string
  count(n: string): string
  pods(n: number): string
  deployed(version: string, time: string, minutes: number): string
  likely: string
  unclear: string
  like: string
  first: string
  support(confidence: string, ids: string): string
  confidence: Readonly<Record<Confidence, string>>
  state: Readonly<Record<IncidentState, string>>
  by(name: string): string
  lasted(minutes: number): string
  regressed(times: number): string
  similar(title: string, id: string): string
  sameError(id: string): string
  causedBy(cause: string): string
  fixedBy(fix: string): string
  degraded: Readonly<Record<'store' | 'vectors', string>>
  model: string
  buttons: {
    readonly acknowledge: string
    readonly resolve: string
    readonly snooze: string
    readonly open: string
    readonly runbook: string
    readonly hours: (n: number) => string
  }
  evidence: string
  report: string
  missing: string
  changes: string
  runbooks: string
  cameBack(title: string): string
  spiked(title: string): string
  injection: string
  muted(until: string): string
  test: string
  risk: { readonly reversible: string; readonly destructive: string }
  followers: (n: number) => string
  more: (n: number) => string
  fold: Readonly<Record<Fold['reason'], string>>
  foldedUnder: (id: string, reason: string) => string
  mergedInto: (id: string) => string
  reasons: Readonly<Record<SeverityReason['key'], (params: SeverityReason['params']) => string>>
}

const ko: MessageTexts = {
  since: (time) => `${time}부터`,
  count: (n) => `${n}건`,
  pods: (n) => `파드 ${n}개`,
  deployed: (version, time, minutes) => `배포 ${version} (${time}, ${minutes}분 전)`,
  likely: '추정 원인',
  unclear: '원인 미상',
  like: '비유하면',
  first: '먼저 할 일',
  support: (confidence, ids) => `(확신 ${confidence}${ids === '' ? '' : ` · 근거 ${ids}`})`,
  confidence: { high: '높음', medium: '보통', low: '낮음' },
  state: {
    open: '열림',
    acknowledged: '확인됨',
    quiet: '조용해짐',
    resolved: '해결됨',
    regressed: '재발',
    merged: '합쳐짐',
  },
  by: (name) => `${name} 님`,
  lasted: (minutes) => `${minutes}분`,
  regressed: (times) => `재발 ${times}회`,
  similar: (title, id) => `비슷한 과거 인시던트: ${title} (${id})`,
  sameError: (id) => `같은 오류가 이전에도 있었습니다 (${id})`,
  causedBy: (cause) => `확인된 원인: ${cause}`,
  fixedBy: (fix) => `당시 해결: ${fix}`,
  degraded: {
    store: '공유 런북 저장소에 연결되지 않아 이 서버에 있는 런북만 찾아봤습니다.',
    vectors: '임베딩 모델이 응답하지 않아 런북을 낱말로만 찾았습니다.',
  },
  model: '모델 분석',
  buttons: {
    acknowledge: '확인',
    resolve: '해결',
    snooze: '미루기',
    open: 'CALI에서 보기',
    runbook: '런북',
    hours: (n) => `${n}시간 미루기`,
  },
  followers: (n) => `함께 시작된 오류 ${n}종 (따로 알리지 않음)`,
  more: (n) => `… 외 ${n}종`,
  fold: { trace: '같은 요청', call: '호출한 서비스의 장애', downstream: '같은 접속 대상', storm: '한꺼번에 발생' },
  foldedUnder: (id, reason) => `인시던트 ${id}에 묶어 알립니다: ${reason}`,
  mergedInto: (id) => `인시던트 ${id}에 합쳤습니다`,
  evidence: '근거',
  report: '분석',
  missing: '확인하지 못한 것',
  changes: '변경',
  runbooks: '런북',
  cameBack: (title) => `재발했습니다: ${title}`,
  spiked: (title) => `평소보다 훨씬 잦아졌습니다: ${title}`,
  injection: '이 로그에는 읽는 이에게 지시하는 문장이 있습니다. 데이터로만 다뤘습니다.',
  muted: (until) => `${until}까지 미룸`,
  test: 'CALI 시험 메시지입니다. 이 채널로 알림이 도착합니다.',
  risk: { reversible: '되돌릴 수 있음', destructive: '되돌릴 수 없음' },
  reasons: {
    fatal: () => 'FATAL 수준의 로그',
    data_loss: () => '데이터 유실을 뜻하는 문구',
    many_pods: (p) => `파드 ${p['pods']}개에서 발생`,
    high_rate: (p) => `분당 최대 ${p['perMinute']}건`,
    user_facing: () => '사용자에게 보이는 서비스',
    single: () => '한 번 발생',
    regressed: (p) => `재발 ${p['times']}회`,
    spike: (p) => `분당 ${p['perMinute']}건까지 급증 (이 시간대 평소 ${p['usual']}건)`,
  },
}

const en: MessageTexts = {
  since: (time) => `since ${time}`,
  count: (n) => `×${n}`,
  pods: (n) => `${n} ${n === 1 ? 'pod' : 'pods'}`,
  deployed: (version, time, minutes) => `deploy ${version} (${time}, ${minutes} min before)`,
  likely: 'Likely cause',
  unclear: 'Cause not known',
  like: 'Like',
  first: 'First steps',
  support: (confidence, ids) => `(confidence ${confidence}${ids === '' ? '' : ` · evidence ${ids}`})`,
  confidence: { high: 'high', medium: 'medium', low: 'low' },
  state: {
    open: 'open',
    acknowledged: 'acknowledged',
    quiet: 'quiet',
    resolved: 'resolved',
    regressed: 'came back',
    merged: 'merged',
  },
  by: (name) => name,
  lasted: (minutes) => `${minutes} min`,
  regressed: (times) => (times === 1 ? 'came back once' : `came back ${times} times`),
  similar: (title, id) => `Similar past incident: ${title} (${id})`,
  sameError: (id) => `The same error came before (${id})`,
  causedBy: (cause) => `confirmed cause: ${cause}`,
  fixedBy: (fix) => `fixed then by: ${fix}`,
  degraded: {
    store: 'The shared runbook store could not be reached: only the runbooks on this server were searched.',
    vectors: 'The embedding model did not answer: runbooks were searched by words alone.',
  },
  model: 'analysis by model',
  buttons: {
    acknowledge: 'Acknowledge',
    resolve: 'Resolve',
    snooze: 'Snooze',
    open: 'Open in CALI',
    runbook: 'Runbook',
    hours: (n) => `Snooze ${n} h`,
  },
  followers: (n) => `${n} kind${n === 1 ? '' : 's'} of error began with it (no alert of their own)`,
  more: (n) => `… and ${n} more`,
  fold: {
    trace: 'same request',
    call: 'calls the service that failed',
    downstream: 'same address',
    storm: 'all at once',
  },
  foldedUnder: (id, reason) => `told with incident ${id}: ${reason}`,
  mergedInto: (id) => `part of incident ${id}`,
  evidence: 'Evidence',
  report: 'Analysis',
  missing: 'What could not be checked',
  changes: 'Changes',
  runbooks: 'Runbooks',
  spiked: (title) => `Far more often than usual: ${title}`,
  cameBack: (title) => `Came back: ${title}`,
  injection: 'A line of this log gives instructions to its reader. It was treated as data.',
  muted: (until) => `snoozed until ${until}`,
  test: 'This is a test message of CALI. Alerts will arrive in this channel.',
  risk: { reversible: 'reversible', destructive: 'destructive' },
  reasons: {
    fatal: () => 'FATAL log level',
    data_loss: () => 'words that mean data loss',
    many_pods: (p) => `seen in ${p['pods']} pods`,
    high_rate: (p) => `up to ${p['perMinute']} a minute`,
    user_facing: () => 'a service that users see',
    single: () => 'happened once',
    spike: (p) => `up to ${p['perMinute']} a minute, usually ${p['usual']} at this hour`,
    regressed: (p) => (p['times'] === 1 ? 'came back once' : `came back ${p['times']} times`),
  },
}

export const MESSAGE_TEXTS: Readonly<Record<UiLanguage, MessageTexts>> = { ko, en }
