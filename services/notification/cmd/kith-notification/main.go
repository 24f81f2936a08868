// Command kith-notification is the notification service as a process of its own.
package main

import (
	"os"

	"kith/pkg/host"
	"kith/services/notification"
)

func main() {
	os.Exit(host.Service[notification.Config]{Name: "notification", Open: notification.New, Migrations: notification.Migrations()}.Main(os.Args[1:]))
}
