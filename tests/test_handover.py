"""A handover is a commit on a branch of its own, and of the learner's repository no byte moves."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from torchkoans.course import ROOT
from torchkoans.dojo import ending, handover, people, repository, workbranch
from torchkoans.dojo.people import Person
from torchkoans.dojo.repository import HandoverError
from torchkoans.updating import installing

SESSION = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"
ANA = Person("ana", "Ana Ñandú", "ana@example.org")
BO = Person("보", "김보", "bo@example.org")
CY = Person.of("cy", "Cy", "")
NAME = re.compile(r"dojo/\d{4}-\d\d-\d\d-012345")
KOAN = "koans/01_numbers.py"


def git(folder, *arguments):
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def save(root, text, name=KOAN):
    (root / name).write_text(text, encoding="utf-8")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    """The machine's own settings of git say nothing here."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    """A clone with a commit, copied for each test."""
    root = tmp_path_factory.mktemp("pristine") / "course"
    (root / "koans").mkdir(parents=True)
    save(root, "t == __\n")
    save(root, "u == __\n", "koans/02_more.py")
    save(root, "__pycache__/\nkoans/ignored.py\n", ".gitignore")
    save(root, "one\n", "README.md")
    save(root, "one\n", "notes.md")
    git(root, "init", "-q", "-b", "main", "--template=")
    git(root, "config", "user.name", "Whoever Owns It")
    git(root, "config", "user.email", "owner@example.org")
    git(root, "add", "-A")
    git(root, "-c", "commit.gpgSign=false", "commit", "-qm", "the course")
    save(root, "staged\n", "README.md")
    git(root, "add", "README.md")
    save(root, "not staged\n", "notes.md")
    save(root, "new\n", "own.txt")
    return root


@pytest.fixture
def root(pristine, tmp_path):
    """The clone, with something staged, something changed and something new in it."""
    return Path(shutil.copytree(pristine, tmp_path / "course"))


def everything(root):
    """All that is the learner's: files, index, HEAD, branches but for the dojo's, settings."""
    files = {
        path.relative_to(root): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }
    inside = [root / ".git" / name for name in ("index", "HEAD", "config", "logs/HEAD")]
    refs = git(root, "for-each-ref", "refs/heads/main", "refs/tags", "refs/stash")
    kept = [path.read_bytes() for path in inside]
    status = git(root, "--no-optional-locks", "status", "--porcelain", "--branch")
    return files, kept, refs, status


def hand_over(root, who=(ANA, BO), greens=()):
    return handover.commit(root, SESSION, who, greens)


def twice(root):
    """Two handovers; gives the second."""
    save(root, "t == 1\n")
    hand_over(root, (ANA, BO), ["a bare number has no dims"])
    save(root, "t == 2\n")
    return hand_over(root, (BO, ANA))


def message(root, commit):
    return git(root, "log", "-1", "--format=%B", commit)


def trailers(root, commit):
    done = subprocess.run(
        ["git", "interpret-trailers", "--parse"],
        cwd=root,
        input=message(root, commit).encode(),
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().splitlines()


# -- handing over ----------------------------------------------------------------------------------


def test_koans_alone_are_committed_and_nothing_of_the_learner_moves(root):
    save(root, "t == 7\n")
    save(root, "mine\n", "koans/03_mine.py")
    save(root, "rubbish", "koans/.01_numbers.py.swp")
    save(root, "rubbish", "koans/.02_more.py")
    save(root, "ignored", "koans/ignored.py")
    (root / "koans/02_more.py").unlink()
    before = everything(root)
    done = hand_over(root)
    assert everything(root) == before
    assert done.is_first
    assert NAME.fullmatch(done.branch)
    assert git(root, "rev-parse", done.branch, f"{done.branch}^") == "\n".join(
        [done.commit, git(root, "rev-parse", "main")]
    )
    changed = git(root, "diff", "--name-status", "main", done.branch).splitlines()
    assert changed == [f"M\t{KOAN}", "D\tkoans/02_more.py", "A\tkoans/03_mine.py"]
    assert git(root, "show", f"{done.branch}:{KOAN}") == "t == 7"


def test_two_handovers_are_two_commits_by_who_drove_with_the_others_named(root):
    second = twice(root)
    assert not second.is_first
    log = git(root, "log", "--format=%an <%ae> %cn <%ce>", f"main..{second.branch}").splitlines()
    ana, bo = "Ana Ñandú <ana@example.org>", "김보 <bo@example.org>"
    assert log == [f"{bo} {bo}", f"{ana} {ana}"]
    marker = f"Dojo-session: {SESSION}"
    assert trailers(root, second.commit) == [marker, f"Co-authored-by: {ana}"]
    assert trailers(root, f"{second.commit}^") == [marker, f"Co-authored-by: {bo}"]
    first = message(root, f"{second.commit}^").splitlines()
    assert first[:3] == [
        "ana drove, 보 navigated: 1 koan turned green",
        "",
        "- a bare number has no dims",
    ]


def test_who_looks_on_is_named_too_and_an_address_that_is_not_given_leads_nowhere(root):
    save(root, "t == 1\n")
    done = hand_over(root, (ANA, BO, CY))
    assert trailers(root, done.commit)[2] == "Co-authored-by: Cy <cy@users.noreply.invalid>"
    assert message(root, done.commit).startswith("ana drove, 보 navigated, with cy\n")


def test_two_nicknames_of_one_person_are_one_author(root):
    save(root, "t == 1\n")
    done = hand_over(root, (ANA, Person("an", ANA.name, ANA.address)))
    assert trailers(root, done.commit) == [f"Dojo-session: {SESSION}"]


def test_where_nothing_was_done_there_is_no_commit_and_no_branch(root):
    assert hand_over(root) is None
    assert git(root, "branch", "--list", "dojo*") == ""
    second = twice(root)
    assert hand_over(root) is None
    assert git(root, "rev-parse", second.branch) == second.commit


def test_the_branch_keeps_what_the_course_was_when_it_began(root):
    save(root, "t == 1\n")
    hand_over(root)
    git(root, "commit", "-qam", "the learner goes on")
    save(root, "t == 2\n")
    done = hand_over(root)
    assert git(root, "show", f"{done.branch}:README.md") == "one"
    assert git(root, "show", f"{done.branch}:{KOAN}") == "t == 2"
    assert git(root, "rev-list", "--count", done.branch) == "3"


def test_a_name_that_somebody_else_has_is_left_to_them(root):
    save(root, "t == 1\n")
    mine = hand_over(root).branch
    git(root, "commit-tree", "main^{tree}", "-m", "theirs")
    git(root, "branch", "-f", mine, "main")
    again = hand_over(root)
    assert again.is_first
    assert again.branch == f"{mine}-2"
    assert git(root, "rev-parse", mine) == git(root, "rev-parse", "main")
    ending.drop(root, SESSION)
    git(root, "branch", "-D", mine)
    git(root, "branch", "dojo")
    assert hand_over(root).branch == mine.replace("/", "-")
    save(root, "t == 2\n")
    assert not hand_over(root).is_first


def test_two_sessions_have_two_branches_though_their_names_begin_alike(root):
    save(root, "t == 1\n")
    first = hand_over(root)
    alike = SESSION[:6] + OTHER[6:]
    second = handover.commit(root, alike, (ANA, BO))
    assert second.branch == f"{first.branch}-2"
    assert workbranch.find(repository.repository(root), SESSION).name == first.branch
    assert workbranch.find(repository.repository(root), alike).name == second.branch


# -- where it cannot be, or where a clone is unusual -----------------------------------------------


def test_a_detached_head_is_as_good_as_any(root):
    git(root, "checkout", "-q", "--detach")
    save(root, "t == 1\n")
    before = (root / ".git/HEAD").read_bytes()
    assert hand_over(root).is_first
    assert (root / ".git/HEAD").read_bytes() == before


def test_a_worktree_hands_over_as_well_and_one_that_is_on_the_branch_stops_it(root, tmp_path):
    git(root, "worktree", "add", "-q", str(tmp_path / "tree"), "-b", "side")
    save(tmp_path / "tree", "t == 1\n")
    done = hand_over(tmp_path / "tree")
    assert git(root, "show", f"{done.branch}:{KOAN}") == "t == 1"
    git(root, "worktree", "add", "-q", str(tmp_path / "on"), done.branch)
    save(tmp_path / "tree", "t == 2\n")
    with pytest.raises(HandoverError, match="switch -"):
        hand_over(tmp_path / "tree")


def test_a_shallow_clone_hands_over_as_well(root, tmp_path):
    git(root, "commit", "-qm", "two", "--allow-empty")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    save(tmp_path / "shallow", "t == 1\n")
    hand_over(tmp_path / "shallow")
    save(tmp_path / "shallow", "t == 2\n")
    done = hand_over(tmp_path / "shallow")
    assert ending.push(tmp_path / "shallow", SESSION) == done.branch
    assert git(root, "rev-parse", done.branch) == done.commit


def test_the_work_branch_itself_is_no_place_to_work_on(root):
    done = twice(root)
    git(root, "stash", "-q")
    git(root, "switch", "-q", done.branch)
    save(root, "t == 3\n")
    before = everything(root)
    for act in (hand_over, lambda root: ending.squash(root, SESSION)):
        with pytest.raises(HandoverError) as caught:
            act(root)
        assert f"is on {done.branch} itself" in str(caught.value)
        assert "switch -" in str(caught.value)
    with pytest.raises(HandoverError, match="itself"):
        ending.drop(root, SESSION)
    assert everything(root) == before
    assert git(root, "rev-parse", done.branch) == done.commit


def bare(root):
    git(root, "config", "core.bare", "true")


def unborn(root):
    git(root, "checkout", "-q", "--orphan", "anew")


def no_git_folder(root):
    (root / ".git").rename(root.parent / "gone")


def inside_another(root):
    no_git_folder(root)
    git(root.parent, "init", "-q")
    git(root.parent, "add", "course")
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"], cwd=root
    )


def damaged(root):
    (root / ".git/config").write_text("[core\n")


REFUSED = [
    (bare, "git takes this clone for a bare one"),
    (unborn, "There is no commit in this clone yet. Make one"),
    (no_git_folder, "This folder is no clone that git knows. The session goes on"),
    (inside_another, "The course lies inside of another git repository. The session goes on"),
    (damaged, "git rev-parse refuses: bad config line 1"),
]


@pytest.mark.parametrize(("spoil", "said"), REFUSED)
def test_a_clone_that_takes_no_commit_says_why_in_a_sentence(root, spoil, said):
    save(root, "t == 1\n")
    spoil(root)
    with pytest.raises(HandoverError) as caught:
        hand_over(root)
    assert str(caught.value).startswith(said)
    assert len(str(caught.value).splitlines()) == 1
    assert (root / KOAN).read_text() == "t == 1\n"


def test_somebody_elses_repository_says_how_it_is_trusted(root, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(HandoverError) as caught:
        hand_over(root)
    assert "dubious ownership" in str(caught.value)
    assert f"safe.directory {root}" in str(caught.value)


def test_a_machine_without_git_says_so(root, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HandoverError, match=r"git cannot be started: .* goes on without commits"):
        hand_over(root)


def test_a_branch_that_is_locked_names_the_file_and_goes_on_once_it_is_gone(root):
    done = twice(root)
    lock = root / ".git/refs/heads" / f"{done.branch}.lock"
    lock.touch()
    save(root, "t == 3\n")
    with pytest.raises(HandoverError) as caught:
        hand_over(root)
    assert str(lock) in str(caught.value)
    assert "delete that file" in str(caught.value)
    lock.unlink()
    assert hand_over(root)


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for git")
def test_a_disk_that_takes_nothing_more_changes_nothing(root, monkeypatch, tmp_path):
    """Git itself, where no file can grow by a byte."""
    done = twice(root)
    real = subprocess.run(["which", "git"], capture_output=True, text=True).stdout.strip()
    stub = tmp_path / "bin" / "git"
    stub.parent.mkdir()
    stub.write_text(f"#!/bin/sh\ntrap '' XFSZ\nulimit -f 0\nexec {real} \"$@\"\n")
    stub.chmod(0o755)
    save(root, "t == 3\n")
    before = everything(root)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", f"{stub.parent}{os.pathsep}{os.environ['PATH']}")
        with pytest.raises(HandoverError, match=r"(?i)git \S+ refuses: .*(too large|unable)"):
            hand_over(root)
        with pytest.raises(HandoverError):
            ending.squash(root, SESSION)
    assert everything(root) == before
    assert git(root, "rev-parse", done.branch) == done.commit
    assert hand_over(root)


def test_a_session_without_a_proper_name_names_no_branch(root):
    for name in ("", "--force", "../../main", SESSION.upper()):
        with pytest.raises(HandoverError, match="no name"):
            handover.commit(root, name, (ANA, BO))


# -- interrupted -----------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def killer(monkeypatch):
    """killer(n): end at the nth call of git, before it or after; gives the calls that were made."""
    real = installing.asked_of_git

    def after(number, is_done=False):
        calls = []

        def call(folder, arguments, *more):
            calls.append(arguments[0])
            if len(calls) == number and not is_done:
                raise Killed
            said = real(folder, arguments, *more)
            if len(calls) == number:
                raise Killed
            return said

        monkeypatch.setattr(repository, "asked_of_git", call)
        return calls

    return after


ACTS = {
    "commit": hand_over,
    "squash": lambda root: ending.squash(root, SESSION),
    "drop": lambda root: ending.drop(root, SESSION),
}


@pytest.mark.parametrize("act", ACTS)
def test_whatever_is_cut_short_leaves_the_old_branch_or_the_new_one(root, killer, act):
    old = twice(root)
    save(root, "t == 3\n")
    before = everything(root)
    calls = killer(0)
    ACTS[act](root)
    new = git(root, "for-each-ref", "--format=%(tree)", f"refs/heads/{old.branch}")
    number = calls.index("update-ref") + 1
    git(root, "update-ref", f"refs/heads/{old.branch}", old.commit)
    assert number == len(calls)
    for step in range(1, number + 2):
        killer(min(step, number), is_done=step > number)
        with pytest.raises(Killed):
            ACTS[act](root)
        tip = git(root, "for-each-ref", "--format=%(objectname) %(tree)", "refs/heads/dojo")
        assert tip.startswith(old.commit) is (step <= number)
        assert step <= number or tip.partition(" ")[2] == new
    assert everything(root) == before
    git(root, "update-ref", f"refs/heads/{old.branch}", old.commit)
    killer(0)
    assert hand_over(root)


KILL = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from torchkoans.dojo import handover
from torchkoans.dojo.people import Person
def hook(event, arguments):
    if event == "subprocess.Popen" and sys.argv[3] in arguments[1]:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
people = [Person.of(name, name, "") for name in ("a", "b")]
handover.commit(Path(sys.argv[2]), sys.argv[4], people)
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("verb", ["write-tree", "update-ref"])
def test_a_real_kill_loses_nothing_either(root, verb):
    old = twice(root)
    save(root, "t == 3\n")
    before = everything(root)
    done = subprocess.run(
        [sys.executable, "-c", KILL, str(ROOT / "scripts"), str(root), verb, SESSION],
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert everything(root) == before
    assert git(root, "rev-parse", old.branch) == old.commit
    new = hand_over(root)
    assert git(root, "rev-parse", f"{new.branch}^") == old.commit


@pytest.fixture
def meanwhile(monkeypatch):
    """meanwhile(act): it happens just before the branch is moved."""
    real = installing.asked_of_git

    def happens(act):
        def call(folder, arguments, *more):
            if arguments[0] == "update-ref":
                act()
            return real(folder, arguments, *more)

        monkeypatch.setattr(repository, "asked_of_git", call)

    return happens


def test_what_somebody_did_to_the_branch_in_the_meantime_is_not_passed_over(root, meanwhile):
    done = twice(root)
    save(root, "t == 3\n")
    meanwhile(lambda: git(root, "branch", "-f", done.branch, "main"))
    with pytest.raises(HandoverError, match=f"{done.branch} was changed in the meantime"):
        hand_over(root)
    assert git(root, "rev-parse", done.branch) == git(root, "rev-parse", "main")


def test_a_branch_that_somebody_made_in_the_meantime_is_not_passed_over(root, meanwhile):
    save(root, "t == 1\n")
    name = f"dojo/{handover._today()}-{SESSION[:6]}"
    meanwhile(lambda: git(root, "branch", name))
    with pytest.raises(HandoverError, match="meantime"):
        hand_over(root)
    assert git(root, "rev-parse", name) == git(root, "rev-parse", "main")


# -- settings of the learner's ---------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="the hooks are shell scripts")
def test_no_hook_runs_and_nothing_is_signed(root, tmp_path):
    hooks = root / ".git/hooks"
    hooks.mkdir()
    names = "pre-commit commit-msg post-index-change reference-transaction pre-push post-commit"
    for name in (*names.split(), "monitor"):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/ran\nexit 1\n")
        (hooks / name).chmod(0o755)
    git(root, "init", "-q", "--bare", "--template=", str(tmp_path / "far"))
    git(root, "remote", "add", "origin", str(tmp_path / "far"))
    for key, value in (
        ("commit.gpgSign", "true"),
        ("push.gpgSign", "true"),
        ("gpg.program", "false"),
        ("core.editor", "false"),
        ("core.fsmonitor", str(hooks / "monitor")),
    ):
        git(root, "config", key, value)
    twice(root)
    ending.push(root, SESSION)
    ending.squash(root, SESSION)
    ending.drop(root, SESSION)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("auto", ["true", "input", "false"])
def test_line_ends_do_no_harm_whatever_git_is_told_of_them(root, auto):
    git(root, "config", "core.autocrlf", auto)
    git(root, "config", "core.safecrlf", "true")
    (root / KOAN).write_bytes(b"t == 1\r\nu == 2\r\n")
    (root / "koans/03_mixed.py").write_bytes(b"a\r\nb\n")
    before = everything(root)
    done = hand_over(root)
    assert everything(root) == before
    ends = "\r\n" if auto == "false" else "\n"
    shown = subprocess.run(
        ["git", "show", f"{done.branch}:{KOAN}"], cwd=root, capture_output=True, check=True
    )
    assert shown.stdout == f"t == 1{ends}u == 2{ends}".encode()
    assert hand_over(root) is None


def test_a_repository_for_which_other_variables_are_set_is_not_meant(root, monkeypatch, tmp_path):
    save(root, "t == 1\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert hand_over(root).is_first
    assert not (tmp_path / "index").exists()


def test_a_file_whose_name_looks_like_a_pattern_is_taken_for_itself(root):
    for name in ("0[12]_한글 x.py", "[.]y.py", ".y.py"):
        save(root, "x\n", f"koans/{name}")
    branch = hand_over(root).branch
    listed = git(root, "ls-tree", "-r", "--name-only", "-z", branch, "koans/").split("\0")
    assert {"koans/0[12]_한글 x.py", "koans/[.]y.py"} <= set(listed)
    assert "koans/.y.py" not in listed


# -- people ----------------------------------------------------------------------------------------


def test_who_is_not_known_is_asked_once_and_no_more(root):
    names = ["ana", "보", "a.b c"]
    assert people.unknown(root, names) == names
    people.remember(root, "보", "김보", "")
    people.remember(root, "a.b c", "-Abc = #; D", "abc@example.org")
    assert people.unknown(root, names) == ["ana"]
    found = people.known(root, names)
    assert found["a.b c"] == Person("a.b c", "-Abc = #; D", "abc@example.org")
    assert found["보"].name == "김보"
    assert re.fullmatch(r"[a-z0-9-]+@users\.noreply\.invalid", found["보"].address)
    git(root, "config", "--add", "dojo.보.name", "twice")
    people.remember(root, "보", "김보", "bo@example.org")
    assert people.known(root, ["보"])["보"] == BO


def test_the_clone_is_asked_before_the_machine(root, tmp_path):
    for key, value in (("name", "Ana"), ("email", "ana@far.example")):
        git(root, "config", "--global", f"dojo.ana.{key}", value)
    assert people.known(root, ["ana"])["ana"].address == "ana@far.example"
    people.remember(root, "ana", "Ana", "ana@near.example")
    assert people.known(root, ["ana"])["ana"].address == "ana@near.example"
    assert "far" in (tmp_path / "gitconfig").read_text()


def test_whoever_owns_the_computer_is_offered(root):
    assert people.owner(root) == ("Whoever Owns It", "owner@example.org")
    git(root, "config", "--unset", "user.name")
    assert people.owner(root) is None


def test_addresses_that_lead_nowhere_are_different_for_different_people():
    names = ["ana", "Ana", "Aña", "보", "a b", "a-b", "🙂", "x>y"]
    made = {people.nowhere(name) for name in names}
    assert len(made) == len(names)
    assert all(people.address_of(address) == address for address in made)


BAD_NAMES = ["", "  ", ".;'", "a\nb", "a\0b", "a <b>", "a\u202eb", "x" * 201, "a\rb"]
BAD_ADDRESSES = ["a", "a@", "@b", "a@b@c", "a b@c", "<a@b>", "a@b\nX: y", "a@b>", "a@b,", "a\0@b"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_a_commit_cannot_have_is_refused(name):
    for make in (Person, Person.of):
        with pytest.raises(ValueError, match="a name"):
            make("ana", name, "a@example.org")


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_an_address_that_is_none_is_refused(address):
    for make in (Person, Person.of):
        with pytest.raises(ValueError, match="an address"):
            make("ana", "Ana", address)


@pytest.mark.parametrize("nick", ["", "a\nb", "<a>", "x" * 21])
def test_a_nickname_that_is_none_is_refused(nick):
    with pytest.raises(ValueError, match="nickname"):
        Person(nick, "Ana", "a@example.org")


def test_what_is_refused_is_not_remembered(root):
    before = everything(root)
    for given in (("a\nb", "A", ""), ("ana", "A\nB", ""), ("ana", "Ana", "a@b@c")):
        with pytest.raises(ValueError, match=r"name|address"):
            people.remember(root, *given)
    assert everything(root) == before


def test_names_that_were_written_into_a_file_by_hand_write_no_second_line(root):
    git(root, "config", "dojo.ana.name", "Ana\nCo-authored-by: Eve <eve@example.org>")
    git(root, "config", "dojo.ana.email", "ana@example.org")
    assert people.unknown(root, ["ana"]) == ["ana"]


def test_a_koans_sentence_writes_no_trailer(root):
    save(root, "t == 1\n")
    bad = f"x\n\nCo-authored-by: Eve <eve@example.org>\nDojo-session: {OTHER}\0\x1b[2J"
    done = hand_over(root, (ANA, BO), [bad, "---", f"Dojo-session: {OTHER}"])
    assert [line.partition(":")[0] for line in trailers(root, done.commit)] == [
        "Dojo-session",
        "Co-authored-by",
    ]
    assert "Eve" not in "".join(trailers(root, done.commit))
    assert "\x1b" not in message(root, done.commit)
    assert not hand_over(root)  # it is still known as a branch of this session
    assert ending.what_there_is(root, SESSION).first.hash == done.commit


# -- ending ----------------------------------------------------------------------------------------


def test_squashed_it_is_one_commit_that_holds_and_says_what_all_of_them_did(root):
    old = twice(root)
    tree = git(root, "rev-parse", f"{old.branch}^{{tree}}")
    before = everything(root)
    ended = ending.squash(root, SESSION)
    assert everything(root) == before
    assert (ended.branch, ended.before) == (old.branch, old.commit)
    assert git(root, "rev-parse", old.branch) == ended.commit
    assert git(root, "rev-parse", f"{old.branch}^", f"{old.branch}^{{tree}}") == "\n".join(
        [git(root, "rev-parse", "main"), tree]
    )
    assert message(root, ended.commit).splitlines() == [
        "A session in the dojo",
        "",
        "ana drove, 보 navigated: 1 koan turned green",
        "- a bare number has no dims",
        "",
        "보 drove, ana navigated",
        "",
        f"Dojo-session: {SESSION}",
        "Co-authored-by: Ana Ñandú <ana@example.org>",
    ]
    assert git(root, "log", "-1", "--format=%an", old.branch) == "김보"


def test_after_a_squash_the_branch_goes_on_and_can_be_squashed_again(root):
    twice(root)
    first = ending.squash(root, SESSION)
    save(root, "t == 3\n")
    done = hand_over(root, (CY, ANA))
    assert git(root, "rev-parse", f"{done.branch}^") == first.commit
    again = ending.squash(root, SESSION)
    assert git(root, "rev-list", "--count", f"main..{done.branch}") == "1"
    text = message(root, again.commit)
    assert text.count("A session in the dojo") == text.count("ana drove") == 1
    assert "cy drove, ana navigated" in text
    assert trailers(root, again.commit)[1:] == [
        "Co-authored-by: Ana Ñandú <ana@example.org>",
        "Co-authored-by: 김보 <bo@example.org>",
    ]
    assert ending.squash(root, SESSION).commit == again.commit  # it is one already


@pytest.mark.parametrize("act", ["squash", "drop"])
def test_what_is_made_one_or_dropped_comes_back_by_its_hash(root, act):
    old = twice(root)
    before = everything(root)
    ended = ACTS[act](root)
    assert everything(root) == before
    assert (git(root, "branch", "--list", "dojo/*") == "") is (act == "drop")
    git(root, *ended.back.split()[1:])
    assert git(root, "rev-parse", old.branch) == old.commit
    assert len(ending.what_there_is(root, SESSION).commits) == 2


def test_what_there_is_says_what_would_be_lost_and_what_is_newer(root):
    assert ending.what_there_is(root, SESSION) is None
    done = twice(root)
    standing = ending.what_there_is(root, SESSION)
    assert standing.branch == done.branch
    assert standing.last.hash == done.commit
    assert standing.first.title.startswith("ana drove")
    assert standing.only_there == standing.only_here == ()
    (root / KOAN).unlink()
    save(root, "u == 3\n", "koans/02_more.py")
    save(root, "new\n", "koans/03_new.py")
    before = everything(root)
    standing = ending.what_there_is(root, SESSION)
    assert everything(root) == before
    assert standing.only_there == (KOAN, "koans/02_more.py")
    assert standing.only_here == ("koans/02_more.py", "koans/03_new.py")


@pytest.mark.parametrize("act", ["squash", "drop", "push"])
def test_where_nothing_was_handed_over_there_is_nothing_to_end(root, act):
    with pytest.raises(HandoverError, match="Nothing was handed over"):
        getattr(ending, act)(root, SESSION)


# -- pushing ---------------------------------------------------------------------------------------


@pytest.fixture
def far(root, tmp_path):
    """A bare repository that the clone knows as its origin."""
    git(root, "init", "-q", "--bare", "--template=", str(tmp_path / "far"))
    git(root, "remote", "add", "origin", str(tmp_path / "far"))
    return tmp_path / "far"


def test_it_is_pushed_and_after_a_squash_pushed_over_what_was_pushed(root, far):
    done = twice(root)
    standing = ending.what_there_is(root, SESSION)
    assert standing.pushed == standing.pushed_before == ()
    before = everything(root)
    assert ending.push(root, SESSION) == done.branch
    assert everything(root) == before
    assert git(far, "for-each-ref", "--format=%(objectname) %(refname)") == (
        f"{done.commit} refs/heads/{done.branch}"
    )
    assert ending.what_there_is(root, SESSION).pushed == ("origin",)
    ended = ending.squash(root, SESSION)
    assert ending.what_there_is(root, SESSION).pushed_before == ("origin",)
    ending.push(root, SESSION)
    assert git(far, "rev-parse", done.branch) == ended.commit


def test_what_somebody_else_has_pushed_meanwhile_is_never_pushed_over(root, far):
    done = twice(root)
    ending.push(root, SESSION)
    theirs = git(root, "commit-tree", "main^{tree}", "-m", "theirs")
    git(root, "push", "-q", "--force", str(far), f"{theirs}:refs/heads/{done.branch}")
    for name in ("as it is", "squashed"):
        with pytest.raises(HandoverError) as caught:
            ending.push(root, SESSION)
        assert "rejected" in str(caught.value), name
        assert f"git push origin {done.branch}" in str(caught.value)
        ending.squash(root, SESSION)
    git(root, "fetch", "-q", "origin")  # now it is known here, and still not ours
    with pytest.raises(HandoverError, match="rejected"):
        ending.push(root, SESSION)
    assert git(far, "rev-parse", done.branch) == theirs


@pytest.mark.skipif(os.name == "nt", reason="the hook is a shell script")
def test_a_remote_that_refuses_is_said_in_its_own_words(root, far):
    (far / "hooks").mkdir()
    (far / "hooks/update").write_text("#!/bin/sh\nexit 1\n")
    (far / "hooks/update").chmod(0o755)
    twice(root)
    with pytest.raises(HandoverError) as caught:
        ending.push(root, SESSION)
    assert "hook declined" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_remote_that_is_not_there_or_not_known_is_said_in_a_sentence(root, far, tmp_path):
    twice(root)
    with pytest.raises(HandoverError, match=r"no remote that is called up\. It knows origin"):
        ending.push(root, SESSION, "up")
    far.rename(tmp_path / "gone")
    with pytest.raises(HandoverError, match="does not appear to be a git repository"):
        ending.push(root, SESSION)


def test_a_password_in_a_remotes_address_is_not_shown(root, monkeypatch):
    def refuse(*arguments):
        raise installing.UpdateError("git push refuses: no way to 'https://me:secret@far/x.git'")

    there = repository.repository(root)
    monkeypatch.setattr(repository, "asked_of_git", refuse)
    with pytest.raises(HandoverError, match=r"https://far/x\.git") as caught:
        there.git("push")
    assert "secret" not in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for ssh")
def test_a_remote_that_never_answers_is_given_up(root, far, monkeypatch, tmp_path):
    twice(root)
    silent = tmp_path / "ssh"
    silent.write_text("#!/bin/sh\nexec sleep 3\n")
    silent.chmod(0o755)
    git(root, "remote", "set-url", "origin", "ssh://nowhere.invalid/x.git")
    monkeypatch.setenv("GIT_SSH", str(silent))
    monkeypatch.setattr(ending, "_PUSH_SECONDS", 0.2)
    with pytest.raises(HandoverError, match=r"has not ended in 0\.2 seconds"):
        ending.push(root, SESSION)


def test_nothing_of_it_is_left_in_the_temporary_folder(root, monkeypatch, tmp_path):
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    twice(root)
    ending.what_there_is(root, SESSION)
    assert list(Path(tmp_path / "temp").iterdir()) == []
