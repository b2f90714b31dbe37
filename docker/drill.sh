#!/bin/sh
# A night's work: makes a backup, tries it in a drill, and only then removes backups that are older than the days kept.
# Exit code 0: there is a new backup and it can be worked on. Anything else: somebody has to look; nothing was removed.
#
#   drill.sh FOLDER [DAYS]
#
# Runs as the role that owns the tables; settings come from the environment as for any command (COURSEWATCH_DATABASE,
# COURSEWATCH_DATABASE_PASSWORD_FILE, COURSEWATCH_SECRET_FILE, COURSEWATCH_PG_BIN). COURSEWATCH_DRILL_INTO is an empty
# database for the drill, where the role may not make one. What the drill said stands beside the backup. The program is
# that of the release in which this script stands, or the one on PATH.
set -eu
umask 077
program=$(dirname "$0")/../bin/coursewatch
[ -x "$program" ] || program=coursewatch
folder=${1:?"usage: drill.sh FOLDER [DAYS]"}
days=${2:-30}
file=$folder/coursewatch-$(date -u +%Y-%m-%dT%H%M%SZ).backup

"$program" db backup "$file"
if "$program" db drill "$file" > "$file.drill"; then
    cat "$file.drill"
else
    cat "$file.drill"
    echo "drill.sh: $file cannot be relied on; backups that are older than $days days were kept" >&2
    exit 1
fi
find "$folder" -maxdepth 1 -type f -name 'coursewatch-*.backup*' -mtime "+$days" -delete
