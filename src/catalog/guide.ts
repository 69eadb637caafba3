/** A text for people in the languages of the pages. `**bold**` marks what stands on a button or in a menu. */
export interface Words {
  en: string
  de: string
}

/** A page at the provider and what to do there, in order. */
export interface GuideSteps {
  /** Where it begins: the page on which the app, the key or the webhook is made. */
  url: string
  steps: readonly Words[]
}

/** A typical mistake: how the provider reports it, its cause, and what mends it. */
export interface GuideHint {
  /**
   * Where the provider reports it.
   * - `provider_page`: on its own page, so that nobody comes back. Only the set-up guide shows the hint.
   * - `consent`: in the authorization response.
   * - `token`: in a response of the token endpoint, also when a token is renewed.
   * - `request`: in a response of its API, also to the test request. A refused credential keeps its message and its status alone, with
   *   the code before the message where `responseErrors` of the definition has its path.
   */
  at: 'provider_page' | 'consent' | 'token' | 'request'
  /** Error codes of the provider, such as `redirect_uri_mismatch`. One of them has to be reported. */
  errors?: readonly string[]
  /** Texts of its message. One of them has to be part of it, ignoring case. */
  messages?: readonly string[]
  /** HTTP statuses of the response. One of them has to be reported. */
  statuses?: readonly number[]
  /** What is wrong, in one sentence. */
  cause: Words
  /** What an operator of the product does about it. */
  operator: Words
  /** What the person who connects does about it. Undefined: only an operator can mend it. */
  person?: Words
  /** Page of the provider that describes the error. */
  url?: string
}

/** What people need to know about a provider: how its app is set up, what its permissions mean, and what goes wrong. */
export interface ProviderGuide {
  /** How the OAuth client is made. Absent for providers without one. */
  app?: GuideSteps
  /** How webhooks are registered, where a person does it. Absent for definitions without a webhook. */
  webhook?: GuideSteps
  /** Where a person finds the key or token. Absent for providers that only have OAuth. */
  key?: GuideSteps
  /** German labels and descriptions of fields of the definition, by their name, and of their choices, by value. */
  fields?: Readonly<
    Record<string, { label?: string; description?: string; choices?: Readonly<Record<string, string>> }>
  >
  /** German labels of the options of a selective definition, by their key. */
  options?: Readonly<Record<string, string>>
  /** Events that the webhook receives, as the provider names them; `invitee.*` stands for all that begin so. */
  events?: readonly string[]
  /** How long tokens live, whether refresh tokens rotate, and what ends them, as far as the definition does not say it. */
  tokens?: Words
  /** What surprises people who work with the API, one sentence or two each. */
  traps?: readonly Words[]
  /** What scopes allow, by scope. The words follow "This allows Acme to" and "Damit darf Acme". */
  scopes: Readonly<Record<string, Words>>
  /** The documented limit of requests. Null: the provider documents none. */
  rateLimit: { words: Words; url: string } | null
  hints: readonly GuideHint[]
}
