import { Words } from '../../components/values.tsx'
import { t } from './texts.ts'

export interface Hint {
  cause: string
  remedy: string
  url: string | null
}

/** What the guide of the provider says about an error: what is wrong, and what to do. */
export function HintText({ hint: { cause, remedy, url } }: { hint: Hint }) {
  return (
    <>
      <p>
        <Words text={cause} />
      </p>
      <p>
        <b>{t('connection.remedy')}</b> <Words text={remedy} />{' '}
        {url !== null && (
          <a href={url} target="_blank" rel="noreferrer">
            {t('connection.hintUrl')}
          </a>
        )}
      </p>
    </>
  )
}
