import { makeTexts } from '../../texts.ts'

export const t = makeTexts({
  en: {
    'authProviders.lead':
      'An auth provider is a service that keeps credentials for you: Composio, Pipedream, or an endpoint of your own. A connection then names an account there, and Latchkey requests the token when it needs it and does not store it.',
    'authProviders.new': 'New auth provider',
    'authProviders.create': 'Create auth provider',
    'authProviders.empty': 'No auth providers',
    'authProviders.emptyText': 'You need one only if another service than Latchkey keeps your credentials.',
    'authProviders.noHosts': 'No hosts named',
    'authProviders.kind': 'Service',
    'authProviders.kind.COMPOSIO': 'Composio',
    'authProviders.kind.PIPEDREAM': 'Pipedream Connect',
    'authProviders.kind.TOKEN_CALLBACK': 'Endpoint of your own',
    'authProviders.kindText.COMPOSIO': 'Latchkey reads the credentials of connected accounts of a Composio project.',
    'authProviders.kindText.PIPEDREAM': 'Latchkey reads the credentials of the accounts of a Pipedream project.',
    'authProviders.kindText.TOKEN_CALLBACK':
      'Latchkey sends a signed request with the id of an account to your endpoint, which answers with its token.',
    'authProviders.nameHint':
      'Connections refer to it by this name. Letters a to z, digits, - and _. It cannot be changed.',
    'authProviders.url': 'URL of your endpoint',
    'authProviders.urlHint': 'Another origin needs the secret again, and its connections have to be connected again.',
    'authProviders.baseUrl': 'Address of the API',
    'authProviders.baseUrlHint': 'Only if you use another one than the service itself.',
    'authProviders.secret.COMPOSIO': 'API key of the project',
    'authProviders.secret.PIPEDREAM': 'Secret of the OAuth client',
    'authProviders.secret.TOKEN_CALLBACK': 'Signing secret',
    'authProviders.secretHint.COMPOSIO': 'Stored encrypted and never shown.',
    'authProviders.secretHint.PIPEDREAM': 'Stored encrypted and never shown.',
    'authProviders.secretHint.TOKEN_CALLBACK':
      'whsec_ and the base64 of 24 to 64 random bytes. Your endpoint verifies the requests with it.',
    'authProviders.keepSecret':
      'Leave it empty to keep the stored one. Another address or a further host needs it again.',
    'authProviders.makeSecret': 'Generate a secret',
    'authProviders.copySecret': 'Copy it to your endpoint now. After saving it is not shown again.',
    'authProviders.hosts': 'Hosts',
    'authProviders.hostsHint':
      'Where its credentials may be sent, one host on each line. Without hosts, whoever may create an integration can have them sent to an address of their own.',
    'authProviders.ask': 'Delete {name}?',
    'authProviders.askText':
      'Connections with accounts of this auth provider fail until one with the same name exists again. Nothing is deleted at the service itself.',
  },
  de: {
    'authProviders.lead':
      'Ein Auth-Provider ist ein Dienst, der Zugangsdaten für Sie aufbewahrt: Composio, Pipedream oder ein eigener Endpunkt. Eine Verbindung nennt dann ein Konto dort. Latchkey fragt das Token ab, wenn es gebraucht wird, und speichert es nicht.',
    'authProviders.new': 'Neuer Auth-Provider',
    'authProviders.create': 'Auth-Provider anlegen',
    'authProviders.empty': 'Keine Auth-Provider',
    'authProviders.emptyText':
      'Sie brauchen nur dann einen, wenn ein anderer Dienst als Latchkey Ihre Zugangsdaten aufbewahrt.',
    'authProviders.noHosts': 'Keine Hosts angegeben',
    'authProviders.kind': 'Dienst',
    'authProviders.kind.COMPOSIO': 'Composio',
    'authProviders.kind.PIPEDREAM': 'Pipedream Connect',
    'authProviders.kind.TOKEN_CALLBACK': 'Eigener Endpunkt',
    'authProviders.kindText.COMPOSIO': 'Latchkey liest die Zugangsdaten verbundener Konten eines Composio-Projekts.',
    'authProviders.kindText.PIPEDREAM': 'Latchkey liest die Zugangsdaten der Konten eines Pipedream-Projekts.',
    'authProviders.kindText.TOKEN_CALLBACK':
      'Latchkey sendet eine signierte Anfrage mit der ID eines Kontos an Ihren Endpunkt, der mit dem Token antwortet.',
    'authProviders.nameHint':
      'Verbindungen verweisen mit diesem Namen darauf. Buchstaben a bis z, Ziffern, - und _. Er lässt sich nicht ändern.',
    'authProviders.url': 'URL Ihres Endpunkts',
    'authProviders.urlHint':
      'Für eine andere Adresse muss das Geheimnis neu eingegeben werden, und die Konten müssen neu verbunden werden.',
    'authProviders.baseUrl': 'Adresse der API',
    'authProviders.baseUrlHint': 'Nur, wenn Sie eine andere als die des Dienstes verwenden.',
    'authProviders.secret.COMPOSIO': 'API-Schlüssel des Projekts',
    'authProviders.secret.PIPEDREAM': 'Secret des OAuth-Clients',
    'authProviders.secret.TOKEN_CALLBACK': 'Signaturschlüssel',
    'authProviders.secretHint.COMPOSIO': 'Wird verschlüsselt gespeichert und nie angezeigt.',
    'authProviders.secretHint.PIPEDREAM': 'Wird verschlüsselt gespeichert und nie angezeigt.',
    'authProviders.secretHint.TOKEN_CALLBACK':
      'whsec_ und 24 bis 64 zufällige Bytes als Base64. Ihr Endpunkt prüft damit die Anfragen.',
    'authProviders.keepSecret':
      'Leer lassen, um den gespeicherten Wert zu behalten. Für eine andere Adresse oder einen weiteren Host ist er neu einzugeben.',
    'authProviders.makeSecret': 'Schlüssel erzeugen',
    'authProviders.copySecret':
      'Übertragen Sie ihn jetzt zu Ihrem Endpunkt. Nach dem Speichern wird er nicht mehr angezeigt.',
    'authProviders.hosts': 'Hosts',
    'authProviders.hostsHint':
      'Wohin die Zugangsdaten gesendet werden dürfen, ein Host pro Zeile. Ohne Hosts kann jeder, der Integrationen anlegen darf, sie an eine eigene Adresse senden lassen.',
    'authProviders.ask': '{name} löschen?',
    'authProviders.askText':
      'Verbindungen mit Konten dieses Auth-Providers schlagen fehl, bis es wieder einen mit demselben Namen gibt. Beim Dienst selbst wird nichts gelöscht.',
  },
})
