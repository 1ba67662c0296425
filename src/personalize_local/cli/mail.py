"""Show the mails that the local cloud sent."""

# ruff: noqa: T201 (a command line prints)

import argparse
import sys

from personalize_local.cloud.outbox import Mail, Outbox
from personalize_local.cloud.settings import CloudSettings

EXIT_NO_MAIL = 1


def add_mail_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `personalize-local mail`."""
    parser.add_argument(
        "which", nargs="?", metavar="NUMBER|last", type=_which, help="the mail to show; all are listed without"
    )


def show_mail(settings: CloudSettings, options: argparse.Namespace) -> int:
    """List the mails, or show one. They are files, so the local cloud need not run."""
    mails = Outbox(settings.mail_dir).list()
    if options.which is None:
        _print_list(mails, settings)
        return 0
    chosen = mails[-1:] if options.which == "last" else [mail for mail in mails if mail.number == options.which]
    if not chosen:
        print(f"personalize-local: there is no such mail in {settings.mail_dir}", file=sys.stderr)
        return EXIT_NO_MAIL
    _print_mail(chosen[0])
    return 0


def _which(text: str) -> int | str:
    if text == "last":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError("give the number of a mail, or 'last'") from None


def _print_list(mails: list[Mail], settings: CloudSettings) -> None:
    if not mails:
        print(f"No mails yet in {settings.mail_dir}.")
    for mail in mails:
        print(f"{mail.number:4d}  {mail.date}  {mail.recipient}  {mail.subject}")


def _print_mail(mail: Mail) -> None:
    print(
        f"From: {mail.sender}\nTo: {mail.recipient}\nSubject: {mail.subject}\nDate: {mail.date}\n\n{mail.body}", end=""
    )
