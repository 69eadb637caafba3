import { useState } from 'react'
import { language } from '../../texts.ts'
import { brandOf } from './brand.ts'
import { t } from './texts.ts'

/** The main sentences of the connect page (src/http/connect-page/texts), with an integration as an example. */
const PAGE = {
  en: {
    title: (workspace: string) => `Connect Slack to ${workspace}`,
    byWhom: 'Requested by',
    forWhom: 'Connected for',
    hint: (workspace: string) =>
      `${workspace} will use the account under this name. If you do not know the name, close this page.`,
    allows: (workspace: string) => `This allows ${workspace} to`,
    scopes: ['see the public channels', 'send messages as the app'],
    button: 'Continue to Slack',
    after: (workspace: string) => `You sign in at Slack itself. ${workspace} does not see your password.`,
  },
  de: {
    title: (workspace: string) => `Slack mit ${workspace} verbinden`,
    byWhom: 'Angefragt von',
    forWhom: 'Verbunden für',
    hint: (workspace: string) =>
      `${workspace} nutzt das Konto unter diesem Namen. Wenn Sie den Namen nicht kennen, schließen Sie diese Seite.`,
    allows: (workspace: string) => `Damit darf ${workspace}`,
    scopes: ['die öffentlichen Kanäle sehen', 'als App Nachrichten senden'],
    button: 'Weiter zu Slack',
    after: (workspace: string) => `Sie melden sich direkt bei Slack an. ${workspace} sieht Ihr Passwort nicht.`,
  },
} as const

const VARIANTS = { device: ['desktop', 'phone'], theme: ['light', 'dark'], locale: ['en', 'de'] } as const

interface PreviewProps {
  name: string
  logoUrl: string | null
  color: string | null
}

/** The connect page as it looks with a branding. It is drawn, because the real page cannot be framed. */
export function Preview({ name, logoUrl, color }: PreviewProps) {
  const [device, setDevice] = useState<(typeof VARIANTS.device)[number]>('desktop')
  const [theme, setTheme] = useState<(typeof VARIANTS.theme)[number]>(
    matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
  )
  const [locale, setLocale] = useState<(typeof VARIANTS.locale)[number]>(language)
  const brand = brandOf({ color, logoUrl })
  const texts = PAGE[locale]
  const [first] = new Intl.Segmenter().segment(name.trim())
  return (
    <section aria-label={t('branding.preview')}>
      <div className="preview-switches">
        <Switch label={t('branding.device')} values={VARIANTS.device} value={device} onChange={setDevice} />
        <Switch label={t('branding.theme')} values={VARIANTS.theme} value={theme} onChange={setTheme} />
        <Switch label={t('branding.language')} values={VARIANTS.locale} value={locale} onChange={setLocale} />
      </div>
      <div className={`preview ${device} ${theme}`} lang={locale}>
        <div className="preview-card">
          <div className="preview-pair" aria-hidden="true">
            {brand.logoUrl === null ? (
              <span className="preview-tile" style={{ background: brand.color, color: brand.onColor }}>
                {first?.segment.toUpperCase()}
              </span>
            ) : (
              <span className="preview-tile preview-logo">Logo</span>
            )}
            <span className="preview-tie">···</span>
            <span className="preview-tile preview-provider">S</span>
          </div>
          <p className="preview-title">{texts.title(name)}</p>
          <p className="preview-allows">{texts.allows(name)}</p>
          <ul>
            {texts.scopes.map((scope) => (
              <li key={scope}>{scope}</li>
            ))}
          </ul>
          <div className="preview-who">
            <dl>
              <dt>{texts.byWhom}</dt>
              <dd>{name}</dd>
              <dt>{texts.forWhom}</dt>
              <dd>Ada Lovelace (ada)</dd>
            </dl>
            <p>{texts.hint(name)}</p>
          </div>
          <div className="preview-button" style={{ background: brand.color, color: brand.onColor }}>
            {texts.button}
          </div>
          <p className="preview-after">{texts.after(name)}</p>
        </div>
      </div>
    </section>
  )
}

interface SwitchProps<Value extends string> {
  label: string
  values: readonly Value[]
  value: Value
  onChange: (value: Value) => void
}

type Variant = (typeof VARIANTS)[keyof typeof VARIANTS][number]

function Switch<Value extends Variant>({ label, values, value, onChange }: SwitchProps<Value>) {
  return (
    <fieldset className="switch">
      <legend className="hidden">{label}</legend>
      {values.map((each) => (
        <button key={each} type="button" aria-pressed={each === value} onClick={() => onChange(each)}>
          {t(`branding.variant.${each}`)}
        </button>
      ))}
    </fieldset>
  )
}
