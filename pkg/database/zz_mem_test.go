package database_test
import ("testing";"database/sql";"context";"fmt";"strings";"modernc.org/sqlite";"github.com/classcode/maillage/pkg/testkit";"github.com/classcode/maillage/pkg/database";"database/sql/driver")
type grab struct{ driver.Connector; c *driver.Conn }
func (g grab) Connect(ctx context.Context) (driver.Conn, error) { c, err := g.Connector.Connect(ctx); *g.c = c; return c, err }
func TestZZ(t *testing.T){
 cfg := testkit.SQLite(t)
 testkit.Open(t,cfg,migrations(t))
 base,_ := sqlite.NewConnector(cfg.DSN[7:])
 var inner driver.Conn
 pool := sql.OpenDB(database.Keeping(grab{base,&inner})); pool.SetMaxOpenConns(1); defer pool.Close()
 used := func() int { n,_,_ := inner.(sqlite.DBStatus).Status(sqlite.DBStatusStmtUsed,false); return n }
 pool.Exec("SELECT 0")
 try := func(name, q string, args ...any){ b:=used(); if _,err:=pool.Exec(q,args...);err!=nil{t.Error(name,err)}; t.Log(name,len(q),used()-b) }
 try("one", "SELECT id, place, name, taken, seats FROM rooms WHERE id = $1","x")
 try("page", "SELECT id, place, name, taken, seats FROM rooms WHERE (place, name) > ($1, $2) AND ($3 = '' OR place = $3) ORDER BY place, name LIMIT CAST($4 AS BIGINT)","x","y","",50)
 try("join", "SELECT r.id, r.place, r.name, r.taken, r.seats FROM rooms r JOIN chairs c ON c.room=r.id WHERE (r.place, r.name) > ($1, $2) AND ($3 = '' OR r.place = $3) AND EXISTS (SELECT 1 FROM rooms x WHERE x.id IN ($5,$6,$7) AND x.taken>r.taken) ORDER BY r.place, r.name LIMIT CAST($4 AS BIGINT)","x","y","",50,"a","b","c")
 for _, n := range []int{1,10,50,166} {
  var b strings.Builder; b.WriteString("INSERT INTO rooms (id, place, name) VALUES ")
  var args []any
  for i:=0;i<n;i++{ if i>0{b.WriteString(", ")}; fmt.Fprintf(&b,"($%d, $%d, $%d)",3*i+1,3*i+2,3*i+3); args=append(args,fmt.Sprint(n,"i",i),"p",fmt.Sprint(n,"n",i)) }
  try(fmt.Sprint("bulk",n), b.String(), args...)
 }
}
