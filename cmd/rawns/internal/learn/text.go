package learn

import (
	"os"
	"strings"

	"rawns/cmd/rawns/internal/cli"
)

// language is all texts of the course in one language.
type language struct {
	name    string // of --lang
	lessons *[nLessons]words
	say     *[nMessages]string
	layers  *[8]string // by number; "" for one that is none of the course's
}

// words are a lesson's texts, in lines of up to 76 columns.
type words struct {
	_     [0]func() // nobody compares them: Go would make 1.7 kB of code for it
	title string
	text  string
	task  string
	hints string // from a nudge to the command, blank lines between them
	after string // when it is solved
}

// languages: the first is the one of those who have no other.
func languages() [2]*language { return [2]*language{&english, &chinese} }

func languageOf(name string) *language {
	for _, l := range languages() {
		if l.name == name {
			return l
		}
	}
	return nil
}

// locale is the language that the environment asks for.
func locale() *language {
	for _, name := range [...]string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			for _, l := range languages() {
				if strings.HasPrefix(v, l.name) {
					return l
				}
			}
			break
		}
	}
	return &english
}

// message is a sentence of the course; {0}, {1}, ... in it are filled in.
type message uint8

const (
	mUsage message = iota
	mWelcome
	mCommands
	mBye
	mHost
	mSpace // {0}: a name
	mLesson
	mNow
	mGoal
	mSolved
	mNotYet
	mNext
	mAll
	mHint
	mResetDone
	mResetFirst
	mPlayed
	mPlayFails
	mNoSpace
	mNoLink
	mElsewhere
	mDown
	mNoPort
	mOtherPort
	mPeer
	mKind
	mNoAddr
	mOtherPrefix
	mNoEcho
	mNoLargeEcho
	mMoved
	mNoPage
	mDiffers
	mBytesTyped
	mBytesNone
	mSendUsage
	mSendHex
	mSendLength
	mSent
	mRefused
	mLayerAsk
	mLayerRight
	mLayerWrong
	mLayerNone
	mLayerWas
	mNoCourse
	mNoLesson
	mListHead
	nMessages
)

// text fills a message's blanks. What is filled in may come from outside: it is
// escaped.
//
//go:noinline
func (l *language) text(m message, args ...string) string {
	s := l.say[m]
	for i, a := range args {
		s = strings.ReplaceAll(s, "{"+string(rune('0'+i))+"}", cli.Safe(a))
	}
	// A phrase may end with a name and a blank; not before a mark that is as wide
	// as two letters.
	return strings.ReplaceAll(s, " ，", "，")
}

// fail prints a message as an error and returns the exit code.
//
//go:noinline
func (l *language) fail(code int, m message, args ...string) int {
	return cli.Fail(code, verb, l.text(m, args...))
}

// broken prints an error that is not the learner's.
//
//go:noinline
func broken(err error) int { return cli.Fail(1, verb, err.Error()) }
