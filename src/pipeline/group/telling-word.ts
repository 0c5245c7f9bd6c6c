/** Telling words: what stands behind them says what went wrong, and is no parameter. In lists of words with blanks between. */

/** Keys; the words of other keys are parameters. */
export const TELLING_WORDS =
  'err error errors errno code errorcode errorCode error_code err_code reason cause exception type kind event status status_text msg message op operation action method state table column queue topic signal problem fault failure result detail 코드 오류코드 에러코드 오류 에러 원인 사유 예외 문제 결과 메시지 응답코드 결과코드 상태코드 오류메시지 에러메시지 실패사유 거절사유'

/** Words before a quoted text that says what went wrong; behind other words a quoted text is the name of a thing. */
export const REASON_LEADS =
  'with by because got says said say is was are were returned return than to due failed failing as and or but saw received expected that 때문에 인해 로그 내용'
