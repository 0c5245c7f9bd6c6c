/** Sentences of the rule-based report. Identifiers, commands and log text are never translated. */
import type { UiLanguage } from '../incident.ts'

export interface ReportTexts {
  afterDeploy(service: string, version: string, minutes: number): string
  precededBy(cause: string): string
  afterChange(id: string): string
  cascade(service: string, cause: string): string
  codeDefect(type: string, place: string): string
  unknown(count: number): string
  /** A runbook that quotes an error like this one. */
  quoted(title: string): string
  /** Alike, and said to be no more. */
  alike(title: string, id: string): string
  nearby(cause: string, id: string): string
  sameBefore(cause: string): string
  similarBefore(id: string, cause: string): string
  missingDeploys: string
  missingContext: string
  missingRunbook: string
  ownAdviceDiff: string
  recurred(times: number): string
  fallbackLook: string
}

const ko: ReportTexts = {
  afterDeploy: (service, version, minutes) =>
    `${service} ${version} 배포 ${minutes <= 0 ? '직후' : `${minutes}분 뒤`}에 시작되었습니다.`,
  afterChange: (id) => `${id}에 보이는 변경 뒤에 시작되었습니다.`,
  precededBy: (cause) => `그에 앞서: ${cause}`,
  cascade: (service, cause) => `${service}에서 먼저 시작되어 번졌습니다: ${cause}`,
  codeDefect: (type, place) => `${place}에서 ${type} 예외가 발생합니다. 코드 결함일 가능성이 큽니다.`,
  unknown: (count) => `로그만으로는 원인을 알 수 없습니다. 같은 오류가 ${count}번 기록되었습니다.`,
  quoted: (title) => `런북에 같은 오류가 실려 있습니다: ${title}`,
  alike: (title, id) => `비슷한 런북이 있지만 원인이라는 근거는 없습니다: ${title} (${id})`,
  nearby: (cause, id) => `비슷한 시각에 이런 로그가 있지만 관련이 있는지는 알 수 없습니다: ${cause} (${id})`,
  sameBefore: (cause) => `같은 오류에서 이전에 확인된 원인: ${cause}`,
  similarBefore: (id, cause) => `비슷한 과거 인시던트 ${id}에서 확인된 원인: ${cause}`,
  missingDeploys: '배포 기록이 없어 변경과의 관계는 확인하지 못했습니다.',
  missingContext: '같은 시간대의 다른 로그가 없어 앞선 징후를 확인하지 못했습니다.',
  missingRunbook: '맞는 런북을 찾지 못했습니다.',
  ownAdviceDiff: '이 오류가 처음 나타난 시각 직전의 배포와 설정 변경을 확인하십시오.',
  recurred: (times) => `이전에 조용해진 뒤 ${times}번 재발했습니다.`,
  fallbackLook: '근거 줄의 앞뒤 로그를 확인하십시오.',
}

const en: ReportTexts = {
  afterDeploy: (service, version, minutes) =>
    `Began ${minutes <= 0 ? 'right' : `${minutes} min`} after ${service} ${version} was deployed.`,
  afterChange: (id) => `Began after the change that ${id} shows.`,
  precededBy: (cause) => `Before it: ${cause}`,
  cascade: (service, cause) => `Began in ${service} and spread from there: ${cause}`,
  codeDefect: (type, place) => `${type} is thrown in ${place}: most likely a defect in the code.`,
  unknown: (count) =>
    `The log does not show the cause. The same error was written ${count === 1 ? 'once' : `${count} times`}.`,
  quoted: (title) => `A runbook quotes this error: ${title}`,
  alike: (title, id) => `A runbook is similar, but nothing shows that it is the cause: ${title} (${id})`,
  nearby: (cause, id) => `Near in time, and not known to be related: ${cause} (${id})`,
  sameBefore: (cause) => `Confirmed the last time this error came: ${cause}`,
  similarBefore: (id, cause) => `Confirmed for ${id}, which is similar: ${cause}`,
  missingDeploys: 'No deploys are known, so a relation to a change could not be checked.',
  missingContext: 'No other lines of that time are at hand, so earlier signs could not be checked.',
  missingRunbook: 'No runbook fits.',
  ownAdviceDiff: 'Compare with the deploys and configuration changes just before the first occurrence.',
  recurred: (times) => `Came back ${times === 1 ? 'once' : `${times} times`} after it had been quiet.`,
  fallbackLook: 'Read the lines around the evidence.',
}

export const REPORT_TEXTS: Readonly<Record<UiLanguage, ReportTexts>> = { ko, en }
