package main

import (
	"database/sql"
	"encoding/json"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	_ "github.com/lib/pq"
)

const query = "SELECT id, message FROM messages WHERE id = $1"

type row struct {
	ID      int    `json:"id"`
	Message string `json:"message"`
}

// The driver asks for TLS unless it is told not to; the others do without, too. And of two hosts, as libpq
// takes them (a socket's folder goes before a name), it takes the wrong one.
func asDriverTakesIt(where string) string {
	address, err := url.Parse(where)
	if err != nil {
		log.Fatal(err)
	}
	values := address.Query()
	if values.Get("sslmode") == "" {
		values.Set("sslmode", "disable")
	}
	if values.Get("host") != "" {
		if address.Port() != "" {
			values.Set("port", address.Port())
		}
		address.Host = ""
	}
	address.RawQuery = values.Encode()
	return address.String()
}

func openDatabase(where string, tuned bool) *sql.DB {
	most, err := strconv.Atoi(os.Getenv("TENK_DATABASE_CONNECTIONS"))
	if err != nil || most < 1 {
		most = 16
	}
	database, err := sql.Open("postgres", asDriverTakesIt(where))
	if err != nil {
		log.Fatal(err)
	}
	database.SetMaxOpenConns(most)
	if tuned {
		database.SetMaxIdleConns(most)
	}
	return database
}

// A statement that is prepared at its first use; on each connection of the pool it is prepared once.
type statement struct {
	database *sql.DB
	lock     sync.Mutex
	prepared atomic.Pointer[sql.Stmt]
}

func (s *statement) get() (*sql.Stmt, error) {
	if prepared := s.prepared.Load(); prepared != nil {
		return prepared, nil
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.prepared.Load() == nil {
		prepared, err := s.database.Prepare(query)
		if err != nil {
			return nil, err
		}
		s.prepared.Store(prepared)
	}
	return s.prepared.Load(), nil
}

// Lost connections are replaced by database/sql, which prepares again on the new ones.
func serveQuery(where string, tuned bool) func(http.ResponseWriter, uint64) {
	statement := statement{database: openDatabase(where, tuned)}
	ask := func(id uint64, found *row) error {
		return statement.database.QueryRow(query, id).Scan(&found.ID, &found.Message)
	}
	if tuned {
		ask = func(id uint64, found *row) error {
			prepared, err := statement.get()
			if err != nil {
				return err
			}
			return prepared.QueryRow(id).Scan(&found.ID, &found.Message)
		}
	}
	return func(w http.ResponseWriter, id uint64) {
		var found row
		switch err := ask(id, &found); err {
		case nil:
			body, _ := json.Marshal(found)
			answer(w, "application/json", body)
		case sql.ErrNoRows:
			refuse(w, http.StatusNotFound, "")
		default:
			refuse(w, http.StatusServiceUnavailable, "no connection to the database")
		}
	}
}
