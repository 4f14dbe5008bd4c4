package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"github.com/uptrace/bun"
)

// txn is an open transaction. Statements go through bun, jobs through River,
// which wants the driver's own transaction: one of the two is set.
type txn struct {
	bun.IDB

	lite *sql.Tx
	pg   pgx.Tx
}

// database is what the two databases do each in its own way.
type database interface {
	// change runs f in a transaction that writes, view on one snapshot.
	change(ctx context.Context, f func(*txn) error) error
	view(ctx context.Context, f func(*txn) error) error

	// recognise returns ErrNoDatabase where the tables are another program's.
	recognise(ctx context.Context) error
	// locking lets q hold the locks of the rows that it finds. Others may go on
	// to refer to them.
	locking(q *bun.SelectQuery) *bun.SelectQuery
	// passing ends a query that locks the rows that nobody else has.
	passing() string
	// heeding keeps the mode from being changed until the transaction ends,
	// and waits for who changes it; choosing changes it, and waits for both. No
	// lock comes before either.
	heeding(ctx context.Context, tx *txn) error
	choosing(ctx context.Context, tx *txn) error
	hasTable(ctx context.Context, name string) (bool, error)
	words() words
	// migrating keeps other processes from migrating while f does.
	migrating(ctx context.Context, f func() error) error

	// prepare makes statements ready for insert, outside of a transaction.
	prepare(ctx context.Context, all ...insertion) error
	// insert inserts rows, in their order, and calls each for each row that
	// comes back, with what reads its columns.
	insert(ctx context.Context, tx *txn, b batch, each func(scan func(...any) error) error) error

	// hurry makes jobs ready that wait, release those that were running in a
	// process that has ended.
	hurry(ctx context.Context, tx *txn, ids []int64) error
	release(ctx context.Context) error
	// attend tells the other replicas that s is alive, and takes over what
	// others left. It is not called twice at once. retire is the end of that.
	attend(ctx context.Context, s *Store) error
	retire(ctx context.Context, replica string) error
	// owns reports whether the replica still has the job, and holds its lock.
	owns(ctx context.Context, tx *txn, job *rivertype.JobRow, replica string) (bool, error)
	// pace is how often River asks for jobs, where nothing tells it of them.
	pace(c *river.Config)

	// tables and fields are those of the schema; resume lets the numbers that
	// the database gives go on after a copy.
	tables(ctx context.Context, db bun.IDB) ([]string, error)
	fields(ctx context.Context, db bun.IDB, table string) ([]field, error)
	resume(ctx context.Context, tx *txn) error

	// logRows reads a page of the audit log from a place on; logIndexes
	// reports whether its indexes agree with its rows, damage what is wrong
	// with the files.
	logRows() string
	logIndexes(ctx context.Context, tx *txn) (bool, error)
	damage(ctx context.Context, tx *txn) ([]string, error)
	// snapshot writes all of s, which is the engine's, into a file that is empty.
	snapshot(ctx context.Context, s *Store, path string) error

	// scrub takes away the bytes of what was deleted, as far as it can.
	scrub(ctx context.Context) error

	close() error
}

// words are what the migrations need to know of the database.
type words struct {
	Serial string // type of an id that the database gives
	Bytes  string // type of a string of bytes
}

// jobEngine is River on one of the databases.
type jobEngine interface {
	insert(ctx context.Context, tx *txn, jobs []river.InsertManyParams) ([]*rivertype.JobInsertResult, error)
	// complete ends a job of the worker that ctx belongs to.
	complete(ctx context.Context, tx *txn, job *rivertype.JobRow) error
	// run works on jobs until ctx is done and the last one has ended.
	run(ctx context.Context, c *river.Config) error
	migrate(ctx context.Context) error
	newest() (int, error)
}

// jobsOf is River with the driver's type of transactions.
type jobsOf[T any] struct {
	driver riverdriver.Driver[T]
	client *river.Client[T] // inserts only
	of     func(*txn) T
}

func newJobs[T any](driver riverdriver.Driver[T], of func(*txn) T, c *river.Config) (jobEngine, error) {
	client, err := river.NewClient(driver, c)
	if err != nil {
		return nil, fmt.Errorf("preparing the job engine: %w", err)
	}
	return &jobsOf[T]{driver: driver, client: client, of: of}, nil
}

func (j *jobsOf[T]) insert(ctx context.Context, tx *txn, jobs []river.InsertManyParams) ([]*rivertype.JobInsertResult, error) {
	return j.client.InsertManyTx(ctx, j.of(tx), jobs)
}

// anyArgs stand for the arguments of a job where they do not matter.
type anyArgs struct{}

// Kind is of no job.
func (anyArgs) Kind() string { return "any" }

func (j *jobsOf[T]) complete(ctx context.Context, tx *txn, job *rivertype.JobRow) error {
	_, err := river.JobCompleteTx[riverdriver.Driver[T]](ctx, j.of(tx), &river.Job[anyArgs]{JobRow: job})
	return err
}

func (j *jobsOf[T]) run(ctx context.Context, c *river.Config) error {
	client, err := river.NewClient(j.driver, c)
	if err != nil {
		return err
	}
	if err := client.Start(ctx); err != nil {
		return err
	}
	<-client.Stopped()
	return nil
}

func (j *jobsOf[T]) migrate(ctx context.Context) error {
	m, err := rivermigrate.New(j.driver, nil)
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// newest returns the last migration that this version of River knows.
func (j *jobsOf[T]) newest() (int, error) {
	m, err := rivermigrate.New(j.driver, nil)
	if err != nil {
		return 0, err
	}
	all := m.AllVersions()
	return all[len(all)-1].Version, nil
}
