import { makeTexts } from '../../texts.ts'

export const t = makeTexts({
  en: {
    'signIn.title': 'Sign in to Latchkey',
    'signIn.key': 'API key',
    'signIn.hint': 'The first operator key was printed when Latchkey started for the first time.',
    'signIn.submit': 'Sign in',
    'signIn.busy': 'Signing in…',
    'signIn.oidc': 'Continue with single sign-on',
    'signIn.or': 'or',
    'signIn.missing': 'Enter an API key.',
    'signIn.problem.oidc': 'The sign-in did not succeed. The log of Latchkey says why. Try again.',
    'signIn.problem.ended':
      'Your session has ended: it was closed, its time is over, or its key was revoked. Sign in again.',
    'signIn.problem.role': 'Your account has no role in Latchkey. Ask the operator of this deployment for one.',
    'signIn.problem.busy': 'Too many sign-ins from your address. Wait a minute and try again.',
  },
  de: {
    'signIn.title': 'Bei Latchkey anmelden',
    'signIn.key': 'API-Schlüssel',
    'signIn.hint': 'Der erste Betreiberschlüssel wurde beim ersten Start von Latchkey ausgegeben.',
    'signIn.submit': 'Anmelden',
    'signIn.busy': 'Anmeldung läuft…',
    'signIn.oidc': 'Mit Single Sign-on anmelden',
    'signIn.or': 'oder',
    'signIn.missing': 'Bitte einen API-Schlüssel eingeben.',
    'signIn.problem.oidc':
      'Die Anmeldung ist fehlgeschlagen. Der Grund steht im Log von Latchkey. Bitte erneut versuchen.',
    'signIn.problem.ended':
      'Ihre Sitzung ist beendet: Sie wurde geschlossen, ihre Zeit ist abgelaufen, oder ihr Schlüssel wurde widerrufen. Melden Sie sich erneut an.',
    'signIn.problem.role': 'Ihr Konto hat keine Rolle in Latchkey. Bitte den Betreiber um eine Rolle.',
    'signIn.problem.busy': 'Zu viele Anmeldungen von Ihrer Adresse. Bitte eine Minute warten.',
  },
})
