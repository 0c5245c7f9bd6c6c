/** Free text: the parts of a message that strangers fill. They are shown, but they are no sign of a cause. */

/** Fields for anything a person likes to write: the rest is theirs, up to a stack trace. */
const WRITTEN =
  /(?<![\p{L}\p{N}_])(?:\w{1,30}[_ -])?(?:comments?|notes?|memo|remarks?|feedback|review|bio|user-?agent|메모|비고|요청사항|코멘트|후기|리뷰|문의 ?내용)["']?\s{0,3}[=:][\s\S]*?(?=\n\s+at |\nCaused by: |\nTraceback |$)/giu
/** Fields that hold a name or an input: what stands in quotes behind them is theirs. */
const NAMED =
  /(?<![\p{L}\p{N}_])(user(?:name)?|customer|name|title|subject|query|search|keyword|input|address|recipient|nickname|filename|이름|고객|고객명|회원|사용자|닉네임|제목|검색어|주소|파일명)(["']?\s{0,3}[=:]\s{0,3}|\s{1,3})(?:"[^"\n]{0,2000}"?|'[^'\n]{0,2000}'?|“[^”\n]{0,2000}”?)/giu

/** The text without what strangers fill in. */
export const withoutFreeText = (text: string): string => text.replace(WRITTEN, '').replace(NAMED, '$1$2')
