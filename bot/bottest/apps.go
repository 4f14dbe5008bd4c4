package bottest

import "cmp"

// CommentThroughApp writes a comment as a person whose token some App holds, as GitHub Apps and OAuth sites do in a person's name: the author is
// the person, and performed_via_github_app names an App. It returns the comment's id.
func (r *Repository) CommentThroughApp(number int, login, body string) (int64, error) {
	var id int64
	err := r.act(number, login, func(by actor, is *issue) error {
		if err := cmp.Or(mayComment(by, is), checkComment(body)); err != nil {
			return err
		}
		by.app = "user"
		id = r.f.addComment(by, is, body).id
		return nil
	})
	return id, err
}
