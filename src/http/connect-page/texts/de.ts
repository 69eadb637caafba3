import type { Texts } from './en.ts'

/** What the hosted pages say, in German. */
export const de: Texts = {
  connectTitle: (workspace) => `Ein Konto mit ${workspace} verbinden`,
  connectOneTitle: (integration, workspace) => `${integration} mit ${workspace} verbinden`,
  reconnectTitle: (integration, workspace) => `${integration} wieder mit ${workspace} verbinden`,
  forWhom: 'Verbunden für',
  byWhom: 'Angefragt von',
  forWhomHint: (workspace) =>
    `Das Konto, das Sie auswählen, steht ${workspace} unter diesem Namen zur Verfügung. Kennen Sie ihn nicht, schließen Sie diese Seite.`,
  chooseOne: 'Welches Konto möchten Sie verbinden?',
  continueTo: (integration) => `Weiter zu ${integration}`,
  connectWith: (integration) => `${integration} verbinden`,
  allows: (workspace) => `Damit darf ${workspace}`,
  keyNeeded: 'Sie werden nach einem Zugangsschlüssel oder Passwort gefragt.',
  nothingOffered: 'Nichts zu verbinden',
  nothingOfferedText: (workspace) => `${workspace} bietet zurzeit keine Konten zum Verbinden an.`,
  formTitle: (integration) => `${integration} verbinden`,
  formIntro: (workspace) =>
    `Ihre Angaben werden verschlüsselt aufbewahrt. ${workspace} verwendet sie in Ihrem Namen und bekommt sie nicht zu sehen.`,
  inputIntro: (integration) => `${integration} braucht noch eine Angabe, bevor Sie dort gefragt werden.`,
  noFields: (integration) => `${integration} braucht von Ihnen nur Ihr Einverständnis.`,
  whereToFind: (integration) => `Wo finde ich das bei ${integration}?`,
  newWindow: 'öffnet sich in einem neuen Fenster',
  optional: 'freiwillig',
  example: (text) => `Zum Beispiel ${text}`,
  chooseMethod: (integration) => `Wie möchten Sie sich bei ${integration} anmelden?`,
  otherMethod: 'Anderen Weg wählen',
  otherAccount: 'Anderes Konto wählen',
  connect: 'Verbinden',
  working: 'Einen Moment …',
  errorSummary: (count) =>
    count === 1 ? 'Eine Angabe fehlt oder stimmt nicht' : `${count} Angaben fehlen oder stimmen nicht`,
  refusedTitle: (integration) => `${integration} hat das nicht angenommen`,
  refusedText: 'Prüfen Sie Ihre Angaben. Geheimnisse müssen neu eingegeben werden.',
  saidBy: (integration) => `${integration} sagt`,
  unreachable: (integration) => `${integration} ist nicht erreichbar. Versuchen Sie es gleich noch einmal.`,
  secretAgain: 'Bitte noch einmal eingeben.',
  tooManyAttempts: (seconds) => `Zu viele Versuche. Versuchen Sie es in ${seconds} Sekunden noch einmal.`,
  doneTitle: (integration) => `${integration} ist verbunden`,
  doneText: (workspace) => `Sie können zu ${workspace} zurückkehren.`,
  pendingText: (workspace) => `Von hier an übernimmt ${workspace}. Auf dieser Seite ist nichts mehr zu tun.`,
  closeWindow: 'Sie können dieses Fenster schließen.',
  backTo: (workspace) => `Zurück zu ${workspace}`,
  failedTitle: 'Es wurde nichts verbunden',
  failedText: (workspace) =>
    `Das Konto wurde nicht verbunden. Für einen neuen Versuch kehren Sie zu ${workspace} zurück.`,
  problems: {
    notFound: {
      title: 'Dieser Link führt nirgendwohin',
      text: 'Vielleicht ist er unvollständig. Bitten Sie dort, wo Sie ihn bekommen haben, um einen neuen.',
    },
    taken: {
      title: 'Dieser Link wird woanders benutzt',
      text: 'Er wurde in einem anderen Browser oder auf einem anderen Gerät geöffnet und kann nur dort abgeschlossen werden. Bitten Sie um einen neuen Link.',
    },
    otherBrowser: {
      title: 'Hier geht es nicht weiter',
      text: 'Begonnen wurde in einem anderen Browser, oder Cookies sind gesperrt. Machen Sie in dem Browser weiter, in dem Sie begonnen haben, oder bitten Sie um einen neuen Link.',
    },
    expired: {
      title: 'Dieser Link ist abgelaufen',
      text: 'Bitten Sie dort, wo Sie ihn bekommen haben, um einen neuen.',
    },
    revoked: {
      title: 'Dieser Link wurde zurückgezogen',
      text: 'Bitten Sie dort, wo Sie ihn bekommen haben, um einen neuen.',
    },
    finished: {
      title: 'Dieser Link wurde schon benutzt',
      text: 'Um dieses Konto ist es schon gegangen. Für ein weiteres bitten Sie um einen neuen Link.',
    },
    crossSite: {
      title: 'Diese Anfrage kam nicht von dieser Seite',
      text: 'Zu Ihrer Sicherheit ist nichts geschehen. Öffnen Sie den Link noch einmal und machen Sie dort weiter.',
    },
    notOffered: {
      title: 'Dieses Konto steht nicht zur Wahl',
      text: 'Gehen Sie zurück und wählen Sie eines aus der Liste.',
    },
    notPossible: {
      title: 'Dieses Konto kann gerade nicht verbunden werden',
      text: 'An seiner Einrichtung fehlt etwas. Sagen Sie es denen, die Sie hierher geschickt haben.',
    },
    unknownState: {
      title: 'Diese Antwort wurde nicht erwartet',
      text: 'Sie wurde schon benutzt oder kam zu spät. Es wurde nichts verbunden. Beginnen Sie dort neu, wo Sie angefangen haben.',
    },
    tooLarge: {
      title: 'Das war zu viel',
      text: 'Was gesendet wurde, ist größer als jeder Schlüssel und jedes Passwort. Gehen Sie zurück und versuchen Sie es noch einmal.',
    },
    badRequest: { title: 'Das war nicht zu lesen', text: 'Gehen Sie zurück und versuchen Sie es noch einmal.' },
    tooMany: {
      title: 'Zu viele Versuche',
      text: 'Warten Sie eine Minute, gehen Sie zurück und versuchen Sie es noch einmal.',
    },
    internal: {
      title: 'Bei uns ist etwas schiefgegangen',
      text: 'Es wurde nichts verbunden. Versuchen Sie es gleich noch einmal.',
    },
  },
  fieldProblems: {
    'is missing': 'Bitte ausfüllen.',
    'must not be blank': 'Bitte ausfüllen.',
    'begins or ends with white space: remove it': 'Entfernen Sie die Leerzeichen am Anfang und am Ende.',
    'must not hold line breaks': 'Entfernen Sie die Zeilenumbrüche.',
    'must not hold control characters': 'Darin sind unsichtbare Zeichen, die nicht verwendet werden können.',
    'must not hold a colon': 'Darin darf kein Doppelpunkt stehen.',
    'must be at most 16 KiB': 'Das ist zu lang.',
  },
  wrongFormat: 'Das hat nicht die richtige Form.',
  scopeWords: {
    openid: 'wissen, dass Sie es sind',
    profile: 'Ihren Namen und Ihr Profil lesen',
    email: 'Ihre E-Mail-Adresse lesen',
    offline_access: 'verbunden bleiben, während Sie nicht da sind',
    refresh_token: 'verbunden bleiben, während Sie nicht da sind',
  },
  requestId: 'Kennzeichen',
}
