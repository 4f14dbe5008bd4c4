package policy

import (
	"math"
	"regexp"
	"strings"

	"github.com/recoverybot/recoverybot/parser"
)

// Bystanders is what the policy says of people whom a request does not concern.
type Bystanders struct {
	// Offers are phrases by which they offer to recover the account, in lower
	// case, their words parted by one space: beside the built-in ones.
	Offers []string `json:",omitempty"`
}

// contactWord stands in a text for each way to reach somebody elsewhere: no
// word of people's.
const contactWord = "xcontactx"

var (
	// contactLink is a link of a messenger, with what names a person there.
	contactLink = regexp.MustCompile(`\b(?:(?:t|telegram|m|signal|ig|wa)\.(?:me|dog)|(?:www\.|api\.|chat\.)?(?:whatsapp|instagram|snapchat)\.com|discord\.gg)/[a-z0-9_.+?=@/-]{3,}`)
	// contactHandle is a messenger's name with a handle or a number soon after it.
	contactHandle = regexp.MustCompile(`\b(?:telegram|telegrams|tele gram|tg|whatsapp|whats app|whatsap|wasap|instagram|insta|ig|signal|snapchat|wechat|discord|facebook|tiktok)\b[^\n@+0-9.;!?]{0,24}(?:@[a-z0-9_.]{3,}|\+?[0-9][0-9 ()-]{6,}[0-9])`)
	// handleFirst is the same the other way round: "@fixer on Telegram".
	handleFirst = regexp.MustCompile(`@[a-z0-9_.]{3,}[ ,]{1,3}(?:on|via|at|in|en|por|no|pelo)[ ,](?:his |her |their |my |the )?(?:telegram|tg|whatsapp|instagram|insta|ig|signal|snapchat|wechat|discord)\b`)
)

// Offers reports whether a text offers to recover an account, or points to
// somebody elsewhere who does: by closed tables of phrases, and by the shapes of
// links and handles of messengers. What a text denies it does not offer. It may
// be wrong: what follows is a warning that is true anyway.
func (r *Rules) Offers(text string) bool {
	l := listener{index: r.offers}
	l.end[kindWord], l.end[registryWord] = math.MaxInt, math.MaxInt
	for rest := clauses(contacts(strings.ToLower(parser.Unveil(text))))[1:]; rest != ""; {
		n := strings.IndexByte(rest, ' ') + 1
		l.word(rest, rest[:n])
		rest = rest[n:]
	}
	return l.heard.kinds != 0
}

// contacts puts the contact word where somebody names a way to reach them.
func contacts(s string) string {
	for _, shape := range []*regexp.Regexp{contactLink, contactHandle, handleFirst} {
		s = shape.ReplaceAllString(s, " "+contactWord+" ")
	}
	return s
}

// offerIndex has the phrases of offers, and what denies them.
func (r *Rules) offerIndex() wordIndex {
	x := wordIndex{}
	x.add(kindWord, 0, offerWords())
	x.add(kindWord, 0, r.Bystanders.Offers)
	x.add(negationWord, 0, offerDenials())
	x.add(endWord, 0, offerEnds())
	x.order(offerDenials())
	return x
}

// offerWords are the phrases of Offers, in English, Spanish and Portuguese,
// folded as clauses folds a text.
func offerWords() []string {
	return []string{
		contactWord,
		"recovery expert", "recovery experts", "recovery specialist", "recovery specialists", "recovery agent", "recovery hacker",
		"recovery pro", "recovery guru", "recovery wizard", "account recovery service", "account recovery services", "recovery company",
		"ethical hacker", "ethical hackers", "certified hacker", "professional hacker", "legit hacker", "genuine hacker", "trusted hacker",
		"hacker for hire", "hire a hacker", "hacking service", "hacking services", "cyber expert", "cyber genius",
		"i can recover your", "i can recover it for", "i can recover any", "i can recover this for you", "we can recover your", "i will recover your",
		"we will recover your", "i recover accounts", "we recover accounts", "can help you recover", "will help you recover",
		"help you get it back", "help you get your account back", "get your account back for you", "recover your account for you",
		"recover your account within", "recover your account in minutes", "recover your account today", "unlock your account for you",
		"he helped me recover", "she helped me recover", "they helped me recover", "who helped me recover", "that helped me recover",
		"helped me get my account back", "recovered my account for me", "recovered mine for me", "got my account back through",
		"dm me", "inbox me", "pm me", "hit me up", "text me on", "message me on", "write me on", "write to me on", "contact me on",
		"reach me on", "chat me up", "contact me via", "message me via", "reach out to me on", "contact him on", "contact her on",
		"message him on", "message her on", "write to him on", "reach out to him on", "reach out to her on", "add me on",
		"experto en recuperacion", "expertos en recuperacion", "especialista en recuperacion", "hacker etico", "hackers eticos", //nolint:misspell // Spanish
		"hacker profesional", "hacker de confianza", "contratar un hacker", "servicio de recuperacion de cuentas", "recupero cuentas",
		"recuperamos cuentas", "puedo recuperar tu cuenta", "puedo recuperarte la cuenta", "puedo recuperartela", "puedo recuperar su cuenta",
		"podemos recuperar tu cuenta", "te recupero la cuenta", "te recupero tu cuenta", "te ayudo a recuperar", "te puedo ayudar a recuperar",
		"puedo ayudarte a recuperar", "me ayudo a recuperar mi cuenta", "me recupero la cuenta", "recupero mi cuenta en minutos",
		"escribeme al", "escribeme por", "escribeme a mi", "escribanme al", "contactame por", "contactame en", "contactame al",
		"hablame por", "hablame al", "mandame un mensaje por", "escribele a", "contactalo en", "contactalo por",
		"posso recuperar sua conta", "especialista em recuperacao", "recupero contas", "me chama no", "me chame no", "fale comigo no",
	}
}

// offerDenials are the words by which a text denies what it names.
func offerDenials() []string {
	return []string{
		"not", "never", "nobody", "dont", "doesnt", "cant", "cannot", "wont", "no", "nor", "neither", "beware of", "ignore",
		"nunca", "nadie", "ni", "tampoco", "jamas", "nao", "ninguem", "cuidado con",
	}
}

// offerEnds end what a denial reaches: they comfort, and then comes the offer.
func offerEnds() []string {
	return []string{
		"worry", "worries", "panic", "problem", "problems", "stress", "hesitate", "despair", "hope", "fear", "waste", "longer", "more",
		"but", "because", "just", "only", "so", "then", "anyway",
		"preocupes", "preocupe", "dudes", "dude", "problema", "desesperes", "pero", "mas", "porque", "solo", "preocupa",
	}
}
