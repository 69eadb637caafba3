import type { Texts } from './en.ts'

/** The German texts of the hosted pages. */
export const de: Texts = {
  connectTitle: (workspace) => `Ein Konto mit ${workspace} verbinden`,
  connectOneTitle: (integration, workspace) => `${integration} mit ${workspace} verbinden`,
  reconnectTitle: (integration, workspace) => `${integration} neu mit ${workspace} verbinden`,
  forWhom: 'Verbunden für',
  byWhom: 'Angefragt von',
  forWhomHint: (workspace) =>
    `${workspace} nutzt das Konto unter diesem Namen. Wenn Sie den Namen nicht kennen, schließen Sie diese Seite.`,
  chooseOne: 'Welches Konto möchten Sie verbinden?',
  continueTo: (integration) => `Weiter zu ${integration}`,
  connectWith: (integration) => `${integration} verbinden`,
  reconnectWith: (integration) => `${integration} neu verbinden`,
  allows: (workspace) => `Damit darf ${workspace}`,
  signInThere: (integration, workspace) =>
    `Sie melden sich direkt bei ${integration} an. ${workspace} sieht Ihr Passwort nicht.`,
  keyNeeded: 'Sie benötigen einen Zugangsschlüssel oder ein Passwort.',
  severalMethods: 'Sie können wählen, wie Sie sich anmelden.',
  notSetUp: 'Nicht verfügbar, weil es noch nicht eingerichtet ist.',
  notSetUpTitle: (integration) => `${integration} lässt sich noch nicht verbinden`,
  notSetUpText: (workspace) =>
    `${workspace} hat das noch nicht eingerichtet. Sie können hier nichts tun. Bitte informieren Sie die Stelle, die Sie hierher geschickt hat.`,
  technicalNote: 'Für die Entwicklung',
  search: 'Suchen',
  foundOne: '1 Konto gefunden',
  foundMany: '{count} Konten gefunden',
  foundNothing: 'Nichts gefunden für „{query}“. Versuchen Sie einen anderen Namen.',
  otherCategory: 'Weitere',
  nothingOffered: 'Keine Konten verfügbar',
  nothingOfferedText: (workspace) => `${workspace} bietet zurzeit keine Konten zum Verbinden an.`,
  formIntro: (workspace) =>
    `Ihre Angaben werden verschlüsselt gespeichert. ${workspace} nutzt sie in Ihrem Namen, kann sie aber nicht sehen.`,
  inputIntro: (integration) =>
    `Füllen Sie zuerst dieses Formular aus. Danach bittet ${integration} Sie um Ihre Zustimmung.`,
  noFields: (integration) => `${integration} benötigt keine Angaben von Ihnen. Wählen Sie „Verbinden“.`,
  whereToFind: (integration) => `Wo finde ich das bei ${integration}?`,
  openPage: (integration) => `Seite bei ${integration} öffnen`,
  newWindow: 'öffnet sich in einem neuen Fenster',
  optional: 'optional',
  choose: 'Bitte wählen',
  example: (text) => `Zum Beispiel: ${text}`,
  chooseMethod: (integration) => `Wie möchten Sie sich bei ${integration} anmelden?`,
  otherMethod: 'Andere Anmeldung wählen',
  otherAccount: 'Anderes Konto wählen',
  connect: 'Verbinden',
  reconnect: 'Neu verbinden',
  working: 'Einen Moment …',
  leadsTo: (integration) => `Weiter zu ${integration} …`,
  checksKey: (integration) => `${integration} prüft den Schlüssel …`,
  checksEntries: (integration) => `${integration} prüft Ihre Angaben …`,
  failed: (title) => `Fehler: ${title}`,
  tidied: 'Aus Ihrer Eingabe gekürzt.',
  errorSummary: (count) => (count === 1 ? 'Bitte prüfen Sie eine Angabe' : `Bitte prüfen Sie ${count} Angaben`),
  checkField: (label) => `Prüfen Sie auch „${label}“.`,
  refusedTitle: (integration) => `${integration} hat die Angaben nicht akzeptiert`,
  refusedText: 'Prüfen Sie Ihre Angaben. Geben Sie Passwörter und Schlüssel erneut ein.',
  saidBy: (integration) => `${integration} meldet`,
  unreachableTitle: (integration) => `${integration} antwortet nicht`,
  unreachable: (integration) => `${integration} ist nicht erreichbar. Versuchen Sie es gleich noch einmal.`,
  busyTitle: (integration) => `${integration} kann das gerade nicht prüfen`,
  busyText: 'An Ihren Angaben liegt es nicht. Versuchen Sie es in einigen Minuten noch einmal.',
  unusableTitle: (integration) => `${integration} lässt sich nicht verbinden`,
  tellSender: 'Das können Sie hier nicht ändern. Bitte informieren Sie die Stelle, die Sie hierher geschickt hat.',
  tooManyAttempts: (seconds) => `Zu viele Versuche. Versuchen Sie es in ${seconds} Sekunden noch einmal.`,
  doneTitle: (integration) => `${integration} ist verbunden`,
  doneText: (workspace) => `Sie können zu ${workspace} zurückkehren.`,
  unfinishedTitle: 'Noch nicht fertig',
  unfinishedText: (workspace) => `Kehren Sie zu ${workspace} zurück, um die Verbindung abzuschließen.`,
  unreceivedText: (integration, workspace) =>
    `${integration} ist noch nicht verbunden, denn ${workspace} hat das Ergebnis nicht erhalten. Kehren Sie zu ${workspace} zurück und stellen Sie die Verbindung von dort aus her.`,
  closeWindow: 'Sie können dieses Fenster schließen.',
  backTo: (workspace) => `Zurück zu ${workspace}`,
  failedTitle: 'Es wurde nichts verbunden',
  failedText: (workspace) => `Kehren Sie zu ${workspace} zurück, um es noch einmal zu versuchen.`,
  failures: {
    access_denied: 'Der Zugriff wurde nicht erlaubt.',
    code_rejected: 'Die Anmeldung wurde nicht akzeptiert.',
    invalid_client: 'Die App ist nicht richtig eingerichtet.',
    temporarily_unavailable: 'Der Dienst ist nicht erreichbar.',
    server_error: 'Beim Dienst ist ein Fehler aufgetreten.',
    invalid_token_response: 'Die Antwort des Dienstes konnte nicht verwendet werden.',
    redirect_uri_mismatch: 'Die Adresse dieser Seite ist in der App nicht eingetragen.',
    invalid_request: 'Der Dienst hat die Anfrage nicht verstanden.',
    unauthorized_client: 'Die App darf diese Art von Zugriff nicht anfragen.',
    unsupported_response_type: 'Die App darf diese Art von Zugriff nicht anfragen.',
    invalid_scope: 'Die App fragt eine Berechtigung an, die sie nicht anfragen darf.',
    org_internal: 'Die App ist nur für Mitglieder einer bestimmten Organisation freigegeben.',
    admin_policy_enforced: 'Ihre Organisation lässt diese App nicht zu.',
    consent_required: 'Ihre Organisation muss die App erst freigeben.',
    interaction_required: 'Bei der Anmeldung fehlt noch ein Schritt.',
    login_required: 'Sie waren nicht angemeldet.',
  },
  otherFailure: 'Dabei ist etwas schiefgegangen.',
  askAdmin: 'Bitten Sie die Administration Ihrer Organisation, die App freizugeben. Versuchen Sie es dann noch einmal.',
  notices: {
    admin_consent:
      'Die Administration hat die App für Ihre ganze Organisation freigegeben. Ein Schritt fehlt noch: Machen Sie mit Ihrem eigenen Konto weiter.',
  },
  retryText: (workspace) =>
    `Sie haben ${workspace} den Zugriff bereits erlaubt, und nichts ist verloren. Versuchen Sie es gleich noch einmal. Sie werden nicht erneut gefragt.`,
  retryAgain: 'Noch einmal versuchen',
  retryGiveUp: 'Abbrechen',
  problems: {
    notFound: {
      title: 'Dieser Link funktioniert nicht',
      text: 'Vielleicht ist er unvollständig. Fordern Sie dort, wo Sie ihn erhalten haben, einen neuen Link an.',
    },
    taken: {
      title: 'Dieser Link ist woanders geöffnet',
      text: 'Er wurde in einem anderen Browser oder auf einem anderen Gerät geöffnet. Machen Sie dort weiter, oder fordern Sie einen neuen Link an.',
    },
    otherBrowser: {
      title: 'Hier können Sie nicht weitermachen',
      text: 'Sie haben in einem anderen Browser begonnen, oder Ihr Browser blockiert Cookies. Machen Sie dort weiter, wo Sie begonnen haben, oder erlauben Sie Cookies und fordern Sie einen neuen Link an.',
    },
    expired: {
      title: 'Dieser Link ist abgelaufen',
      text: 'Fordern Sie dort, wo Sie ihn erhalten haben, einen neuen Link an.',
    },
    revoked: {
      title: 'Dieser Link wurde zurückgezogen',
      text: 'Fordern Sie dort, wo Sie ihn erhalten haben, einen neuen Link an.',
    },
    finished: {
      title: 'Dieser Link wurde bereits verwendet',
      text: 'Um ein weiteres Konto zu verbinden, fordern Sie einen neuen Link an.',
    },
    crossSite: {
      title: 'Diese Anfrage wurde blockiert',
      text: 'Sie kam nicht von dieser Seite. Zu Ihrer Sicherheit wurde nichts geändert. Öffnen Sie den Link noch einmal und machen Sie dort weiter.',
    },
    notOffered: {
      title: 'Dieses Konto ist nicht verfügbar',
      text: 'Gehen Sie zurück und wählen Sie ein Konto aus der Liste.',
    },
    notPossible: {
      title: 'Dieses Konto kann gerade nicht verbunden werden',
      text: 'Es ist nicht richtig eingerichtet. Bitte informieren Sie die Stelle, die Sie hierher geschickt hat.',
    },
    adminConsent: {
      title: 'Ihre Organisation hat die App freigegeben',
      text: 'Die Administration hat die App für die ganze Organisation freigegeben. Damit ist noch kein Konto verbunden. Kehren Sie zu der App zurück, in der Sie Ihr Konto nutzen möchten, und verbinden Sie es dort.',
    },
    adminRefusal: {
      title: 'Ihre Organisation hat die App nicht freigegeben',
      text: 'Die Administration sollte die App für die ganze Organisation freigeben, hat das aber nicht getan. Es wurde nichts verbunden. Bitten Sie Ihre Administration um die Freigabe. Beginnen Sie dann noch einmal dort, wo Sie angefangen haben.',
    },
    unassigned: {
      title: 'Hier fehlt etwas',
      text: 'Der Dienst hat Sie hierher geschickt, ohne zu sagen, was Sie begonnen hatten. Es wurde nichts verbunden. Kehren Sie zu der App zurück, in der Sie Ihr Konto nutzen möchten, und beginnen Sie dort noch einmal.',
    },
    unknownState: {
      title: 'Diese Seite ist nicht mehr gültig',
      text: 'Sie wurde bereits verwendet, oder es hat zu lange gedauert. Es wurde nichts verbunden. Beginnen Sie noch einmal dort, wo Sie angefangen haben.',
    },
    tooLarge: {
      title: 'Ihre Angabe ist zu lang',
      text: 'Sie ist länger als jeder Schlüssel und jedes Passwort. Gehen Sie zurück und versuchen Sie es noch einmal.',
    },
    badRequest: {
      title: 'Ihre Angabe konnte nicht gelesen werden',
      text: 'Gehen Sie zurück und versuchen Sie es noch einmal.',
    },
    tooMany: {
      title: 'Zu viele Versuche',
      text: 'Warten Sie eine Minute. Gehen Sie dann zurück und versuchen Sie es noch einmal.',
    },
    unavailable: {
      title: 'Im Moment geht es nicht weiter',
      text: 'Ein Teil unseres Dienstes ist nicht erreichbar. Warten Sie einen Moment und laden Sie diese Seite dann neu.',
    },
    internal: {
      title: 'Bei uns ist ein Fehler aufgetreten',
      text: 'Es wurde nichts verbunden. Versuchen Sie es gleich noch einmal.',
    },
  },
  fieldProblems: {
    'is missing': 'Bitte ausfüllen.',
    'must not be blank': 'Bitte ausfüllen.',
    'begins or ends with white space: remove it': 'Entfernen Sie die Leerzeichen am Anfang und am Ende.',
    'must not hold line breaks': 'Entfernen Sie die Zeilenumbrüche.',
    'must not hold control characters':
      'Entfernen Sie die unsichtbaren Zeichen. Sie wurden vielleicht versehentlich mitkopiert.',
    'must not hold a colon': 'Entfernen Sie den Doppelpunkt.',
    'must be at most 16 KiB': 'Das ist zu lang.',
    'is not a certificate in PEM form':
      'Das ist kein Zertifikat im PEM-Format. Es beginnt mit -----BEGIN CERTIFICATE-----.',
    'is not a valid certificate': 'Das ist kein gültiges Zertifikat.',
    'is not a private key in PEM form':
      'Das ist kein privater Schlüssel im PEM-Format. Er beginnt mit -----BEGIN PRIVATE KEY-----.',
    'is not a valid private key': 'Das ist kein gültiger privater Schlüssel.',
    'does not belong to the certificate': 'Der Schlüssel gehört nicht zu diesem Zertifikat.',
    'is encrypted and needs a passphrase': 'Der Schlüssel ist verschlüsselt. Geben Sie seine Passphrase ein.',
    'is not the passphrase of the private key': 'Das ist nicht die Passphrase des privaten Schlüssels.',
  },
  wrongFormat: 'Das Format stimmt nicht.',
  scopeWords: {
    openid: 'Ihre Identität bestätigen',
    profile: 'Ihren Namen und Ihr Profil lesen',
    email: 'Ihre E-Mail-Adresse lesen',
    address: 'Ihre Anschrift lesen',
    phone: 'Ihre Telefonnummer lesen',
    offline: 'auch in Ihrer Abwesenheit auf das Konto zugreifen',
    offline_access: 'auch in Ihrer Abwesenheit auf das Konto zugreifen',
    refresh_token: 'auch in Ihrer Abwesenheit auf das Konto zugreifen',
  },
  otherScopes: (count, others) => {
    if (others) return count === 1 ? 'und 1 weitere Berechtigung' : `und ${count} weitere Berechtigungen`
    return count === 1 ? '1 Berechtigung nutzen' : `${count} Berechtigungen nutzen`
  },
}
