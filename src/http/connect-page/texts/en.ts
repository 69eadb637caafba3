/** The English texts of the hosted pages. Every other language has the same keys. */
export const en = {
  connectTitle: (workspace: string) => `Connect an account to ${workspace}`,
  connectOneTitle: (integration: string, workspace: string) => `Connect ${integration} to ${workspace}`,
  reconnectTitle: (integration: string, workspace: string) => `Reconnect ${integration} to ${workspace}`,
  forWhom: 'Connected for',
  byWhom: 'Requested by',
  forWhomHint: (workspace: string) =>
    `${workspace} will use the account under this name. If you do not know the name, close this page.`,
  chooseOne: 'Which account do you want to connect?',
  continueTo: (integration: string) => `Continue to ${integration}`,
  connectWith: (integration: string) => `Connect ${integration}`,
  reconnectWith: (integration: string) => `Reconnect ${integration}`,
  allows: (workspace: string) => `This allows ${workspace} to`,
  signInThere: (integration: string, workspace: string) =>
    `You sign in at ${integration} itself. ${workspace} does not see your password.`,
  keyNeeded: 'You need an access key or a password.',
  severalMethods: 'You can choose how to sign in.',
  notSetUp: 'Not available, because it is not set up yet.',
  notSetUpTitle: (integration: string) => `${integration} cannot be connected yet`,
  notSetUpText: (workspace: string) =>
    `${workspace} has not set it up yet. You cannot do anything here. Please tell the people who sent you.`,
  technicalNote: 'For the developers',
  search: 'Search',
  foundOne: '1 account found',
  /** `{count}` stands for how many. */
  foundMany: '{count} accounts found',
  /** `{query}` stands for what was entered. */
  foundNothing: 'Nothing found for “{query}”. Try another name.',
  otherCategory: 'Other',
  nothingOffered: 'No accounts available',
  nothingOfferedText: (workspace: string) => `${workspace} offers no accounts to connect at the moment.`,
  formIntro: (workspace: string) =>
    `Your entries are stored encrypted. ${workspace} uses them on your behalf but cannot see them.`,
  inputIntro: (integration: string) => `Fill this in first. ${integration} will then ask for your consent.`,
  noFields: (integration: string) => `${integration} needs no details from you. Select “Connect” to continue.`,
  whereToFind: (integration: string) => `Where do I find this in ${integration}?`,
  openPage: (integration: string) => `Open the page at ${integration}`,
  newWindow: 'opens in a new window',
  optional: 'optional',
  choose: 'Please choose',
  example: (text: string) => `For example: ${text}`,
  chooseMethod: (integration: string) => `How do you want to sign in to ${integration}?`,
  otherMethod: 'Choose another way',
  otherAccount: 'Choose another account',
  connect: 'Connect',
  reconnect: 'Reconnect',
  working: 'One moment …',
  leadsTo: (integration: string) => `Continuing to ${integration} …`,
  checksKey: (integration: string) => `${integration} is checking the key …`,
  checksEntries: (integration: string) => `${integration} is checking your entries …`,
  failed: (title: string) => `Error: ${title}`,
  tidied: 'Shortened from what you entered.',
  errorSummary: (count: number) => (count === 1 ? 'Please check one entry' : `Please check ${count} entries`),
  checkField: (label: string) => `Also check “${label}”.`,
  refusedTitle: (integration: string) => `${integration} did not accept this`,
  refusedText: 'Check your entries. Enter passwords and keys again.',
  saidBy: (integration: string) => `${integration} says`,
  unreachableTitle: (integration: string) => `${integration} does not answer`,
  unreachable: (integration: string) => `${integration} could not be reached. Try again in a moment.`,
  busyTitle: (integration: string) => `${integration} cannot check this right now`,
  busyText: 'Nothing is wrong with your entries. Try again in a few minutes.',
  unusableTitle: (integration: string) => `${integration} cannot be connected`,
  tellSender: 'You cannot change this here. Please tell the people who sent you.',
  tooManyAttempts: (seconds: number) => `Too many attempts. Try again in ${seconds} seconds.`,
  doneTitle: (integration: string) => `${integration} is connected`,
  doneText: (workspace: string) => `You can go back to ${workspace}.`,
  unfinishedTitle: 'Not finished yet',
  unfinishedText: (workspace: string) => `Go back to ${workspace} to finish.`,
  unreceivedText: (integration: string, workspace: string) =>
    `${integration} is not connected yet, because ${workspace} has not received the result. Go back to ${workspace} and connect from there.`,
  closeWindow: 'You can close this window.',
  backTo: (workspace: string) => `Back to ${workspace}`,
  failedTitle: 'Nothing was connected',
  failedText: (workspace: string) => `Go back to ${workspace} to try again.`,
  /** By the provider's error code, or by the `error` of the product's redirect URL. */
  failures: {
    access_denied: 'Access was not granted.',
    code_rejected: 'The sign-in was not accepted.',
    invalid_client: 'The app is not set up correctly.',
    temporarily_unavailable: 'The service could not be reached.',
    server_error: 'The service had a problem.',
    invalid_token_response: 'The service sent an answer that could not be used.',
    redirect_uri_mismatch: 'The address of this page is not registered in the app.',
    invalid_request: 'The service did not understand the request.',
    unauthorized_client: 'The app may not ask for this kind of access.',
    unsupported_response_type: 'The app may not ask for this kind of access.',
    invalid_scope: 'The app asks for a permission that it may not ask for.',
    org_internal: 'The app is open to members of one organization only.',
    admin_policy_enforced: 'Your organization does not allow this app.',
    consent_required: 'Your organization has to allow the app first.',
    interaction_required: 'Another step is needed when you sign in.',
    login_required: 'You were not signed in.',
  } as Readonly<Record<string, string>>,
  otherFailure: 'Something went wrong on the way.',
  askAdmin: 'Ask the administrator of your organization to allow the app. Then try again.',
  /** By the `notice` in the address of the page. */
  notices: {
    admin_consent:
      'An administrator has allowed the app for your whole organization. One step is left: continue with your own account.',
  } as Readonly<Record<string, string>>,
  retryText: (workspace: string) =>
    `You have already given ${workspace} your consent, and nothing is lost. Try again in a moment. You will not be asked again.`,
  retryAgain: 'Try again',
  retryGiveUp: 'Cancel',
  problems: {
    notFound: {
      title: 'This link does not work',
      text: 'It may be incomplete. Ask for a new link where you got this one.',
    },
    taken: {
      title: 'This link is open somewhere else',
      text: 'It was opened in another browser or on another device. Continue there, or ask for a new link.',
    },
    otherBrowser: {
      title: 'You cannot continue here',
      text: 'You started in another browser, or your browser blocks cookies. Continue where you started, or allow cookies and ask for a new link.',
    },
    expired: { title: 'This link has expired', text: 'Ask for a new link where you got this one.' },
    revoked: { title: 'This link was withdrawn', text: 'Ask for a new link where you got this one.' },
    finished: {
      title: 'This link was already used',
      text: 'To connect another account, ask for a new link.',
    },
    crossSite: {
      title: 'This request was blocked',
      text: 'It did not come from this page. For your safety, nothing was changed. Open the link again and continue from there.',
    },
    notOffered: { title: 'This account is not available', text: 'Go back and choose an account from the list.' },
    notPossible: {
      title: 'This account cannot be connected right now',
      text: 'It is not set up correctly. Please tell the people who sent you here.',
    },
    adminConsent: {
      title: 'Your organization has approved the app',
      text: 'An administrator has allowed the app for the whole organization. That connects no account yet. To go on, return to the app in which you want to use your account, and connect it there.',
    },
    adminRefusal: {
      title: 'Your organization has not approved the app',
      text: 'An administrator was asked to allow the app for the whole organization, and did not. Nothing was connected. Ask your administrator to allow it. Then start again where you began.',
    },
    unassigned: {
      title: 'Something is missing',
      text: 'The service sent you here without saying what you had started. Nothing was connected. Go back to the app in which you want to use your account, and start again there.',
    },
    unknownState: {
      title: 'This page is no longer valid',
      text: 'It was already used, or it took too long. Nothing was connected. Start again where you began.',
    },
    tooLarge: {
      title: 'Your entry is too long',
      text: 'It is longer than any key or password. Go back and try again.',
    },
    badRequest: { title: 'Your entry could not be read', text: 'Go back and try again.' },
    tooMany: { title: 'Too many attempts', text: 'Wait a minute, then go back and try again.' },
    unavailable: {
      title: 'We cannot continue at the moment',
      text: 'A part of our service cannot be reached. Wait a moment, then reload this page.',
    },
    internal: { title: 'Something went wrong on our side', text: 'Nothing was connected. Try again in a moment.' },
  },
  /** By the message of a field error. */
  fieldProblems: {
    'is missing': 'Please fill this in.',
    'must not be blank': 'Please fill this in.',
    'begins or ends with white space: remove it': 'Remove the spaces at the beginning and the end.',
    'must not hold line breaks': 'Remove the line breaks.',
    'must not hold control characters': 'Remove the invisible characters. You may have copied them by mistake.',
    'must not hold a colon': 'Remove the colon.',
    'must be at most 16 KiB': 'This is too long.',
    'is not a certificate in PEM form':
      'This is not a certificate in PEM form. It begins with -----BEGIN CERTIFICATE-----.',
    'is not a valid certificate': 'This is not a valid certificate.',
    'is not a private key in PEM form':
      'This is not a private key in PEM form. It begins with -----BEGIN PRIVATE KEY-----.',
    'is not a valid private key': 'This is not a valid private key.',
    'does not belong to the certificate': 'The private key does not belong to this certificate.',
    'is encrypted and needs a passphrase': 'The private key is encrypted. Enter its passphrase.',
    'is not the passphrase of the private key': 'This is not the passphrase of the private key.',
  } as Readonly<Record<string, string>>,
  wrongFormat: 'This does not have the right format.',
  /** By OAuth scope. They follow `allows`. */
  scopeWords: {
    openid: 'confirm who you are',
    profile: 'read your name and profile',
    email: 'read your e-mail address',
    address: 'read your postal address',
    phone: 'read your phone number',
    offline: 'keep access while you are away',
    offline_access: 'keep access while you are away',
    refresh_token: 'keep access while you are away',
  } as Readonly<Record<string, string>>,
  /** Scopes without words. @param others whether permissions with words precede them */
  otherScopes: (count: number, others: boolean) => {
    const permissions = count === 1 ? '1 permission' : `${count} permissions`
    return others ? `and ${permissions.replace(' ', ' more ')}` : `use ${permissions}`
  },
}

export type Texts = typeof en
