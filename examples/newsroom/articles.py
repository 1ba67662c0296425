"""What the newsroom published in three weeks: storylines in instalments, single pieces, horoscopes, sponsored ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from examples.newsroom.settings import DAY_S, HOUR_S, LOCAL_OFFSET_S, NewsroomSettings
from examples.newsroom.vocabulary import HOROSCOPES, CommonWords, SectionWords, Storyline, load_common, load_sections
from examples.newsroom.wording import compose_deck, compose_text, fill_slots, pick, render

STORYLINE_RATIO = 0.7  # of a section's articles belong to a storyline
BREAKING_RATIO = 0.15  # of the storylines burst
BREAKING_FACTOR = 3.5
SPONSORED_RATIO = 0.2  # of the single pieces of the sections that sell space
HIDDEN_RATIO = 0.02  # carry a keyword that keeps them out of recommendations
FRESH_TRIES = 40  # for words that make a new title
HIDDEN_KEYWORDS = ("omit", "zerocanada")
SPONSOR_SECTIONS = ("business", "life", "drive", "real-estate")
_ID_LETTERS = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))


@dataclass(frozen=True)
class Article:
    """One article. `story` and `part` are -1 for a single piece; `appeal` is its share of attention when fresh."""

    content_id: str
    section_row: int
    section: str
    beat: str
    title: str
    deck: str
    text: str
    label: str
    keywords: tuple[str, ...]
    content_type: str
    published_epoch_s: int
    appeal: float
    story: int = -1
    part: int = -1
    sponsored: bool = False

    @property
    def category(self) -> str:
        return self.section

    @property
    def section_path(self) -> str:
        return f"{self.section}/{self.beat}" if self.beat else self.section

    @property
    def word_count(self) -> int:
        return len(self.text.split())

    @property
    def excluded(self) -> bool:
        """Source: newspaper system §3.2 (sponsored, horoscopes, two keywords)."""
        return self.sponsored or self.beat == HOROSCOPES or any(word in HIDDEN_KEYWORDS for word in self.keywords)


def plan_articles(settings: NewsroomSettings) -> tuple[Article, ...]:
    """Write three weeks of articles, ordered by section and then by time of publication."""
    common = load_common()
    articles: list[Article] = []
    for row, section in enumerate(load_sections()):
        desk = _Desk(settings, settings.random(1, row), common, section, row, first_story=row * 100_000)
        articles += sorted(desk.write(), key=lambda article: (article.published_epoch_s, article.title))
    ids = _content_ids(settings.random(2), len(articles))
    return tuple(replace(article, content_id=content_id) for article, content_id in zip(articles, ids, strict=True))


def next_parts(articles: tuple[Article, ...]) -> np.ndarray:
    """Give for each article the row of its story's next instalment, -1 at the end. Shapes: [articles] int32."""
    rows = {(article.story, article.part): row for row, article in enumerate(articles) if article.story >= 0}
    found = [rows.get((article.story, article.part + 1), -1) for article in articles]
    return np.array(found, dtype=np.int32)


def _content_ids(random: np.random.Generator, count: int) -> list[str]:
    letters = _ID_LETTERS[random.integers(len(_ID_LETTERS), size=(count, 26))]  # [articles, 26]
    return ["".join(row) for row in letters]


@dataclass
class _Desk:
    """One section at work. The generator belongs to it, so that sections do not disturb each other."""

    settings: NewsroomSettings
    random: np.random.Generator
    common: CommonWords
    section: SectionWords
    row: int
    first_story: int
    _titles: set[str] = field(default_factory=set)

    def write(self) -> list[Article]:
        days = (self.settings.end_epoch_s - self.settings.archive_start_epoch_s) / DAY_S
        wanted = max(8, round(self.section.share * self.settings.articles_per_day * days))
        articles = self._storylines(round(wanted * STORYLINE_RATIO))
        articles += self._singles(max(2, wanted - len(articles)))
        if HOROSCOPES in self.section.places:
            articles += self._horoscopes()
        return articles

    def _storylines(self, wanted: int) -> list[Article]:
        articles: list[Article] = []
        order: list[int] = []
        story = self.first_story
        while len(articles) < wanted:
            order = order or list(self.random.permutation(len(self.section.storylines)))
            articles += self._one_storyline(story, int(order.pop()))
            story += 1
        return articles

    def _one_storyline(self, story: int, template_row: int) -> list[Article]:
        storyline = self.section.storylines[template_row]
        beat, slots = self._fresh_story(storyline)
        appeal = self._appeal(spread=0.8)
        if self.random.random() < BREAKING_RATIO:
            appeal *= BREAKING_FACTOR
        first = self.settings.archive_start_epoch_s - 4 * DAY_S
        moment = first + self.random.random() * (self.settings.end_epoch_s - first)
        articles = []
        for part, chapter in enumerate(storyline.chapters):
            if self._in_print(moment):
                title = render(chapter, slots)
                article = self._article(beat, title, storyline.lead, slots, moment, appeal * self._noise(0.25))
                keywords = (*storyline.keywords, slots["place"].lower())
                articles.append(replace(article, label=storyline.label, keywords=keywords, story=story, part=part))
            moment += HOUR_S * float(np.clip(self.random.lognormal(np.log(13), 0.5), 3, 48))
        return articles

    def _singles(self, count: int) -> list[Article]:
        return [self._single() for _ in range(count)]

    def _single(self) -> Article:
        beat, slots, title = self._fresh_single()
        article = self._article(beat, title, "", slots, self._working_hour(), self._appeal(spread=1.0))
        keywords: tuple[str, ...] = (self.section.title.lower(), beat.replace("-", " "))
        if self.random.random() < HIDDEN_RATIO:
            keywords = (*keywords, pick(self.random, HIDDEN_KEYWORDS))
        sponsored = self.section.name in SPONSOR_SECTIONS and self.random.random() < SPONSORED_RATIO
        factor = 0.2 if sponsored else 1.0
        return replace(article, keywords=keywords, sponsored=sponsored, appeal=article.appeal * factor)

    def _horoscopes(self) -> list[Article]:
        articles = []
        first_day = -(-self.settings.archive_start_epoch_s // DAY_S)
        for day in range(first_day, self.settings.end_epoch_s // DAY_S):
            slots = fill_slots(self.random, self.section, self.common, HOROSCOPES)
            date = np.datetime64(day, "D").astype(object)
            title = f"Your daily horoscope: {date:%B} {date.day}"
            article = self._article(HOROSCOPES, title, "", slots, day * DAY_S + 9 * HOUR_S, 2.5)
            articles.append(replace(article, keywords=("horoscopes",), label="Horoscope"))
        return [article for article in articles if self._in_print(article.published_epoch_s)]

    def _fresh_story(self, storyline: Storyline) -> tuple[str, dict[str, str]]:
        """Choose what the story is about so that no title was printed before, while there are words left."""
        for _attempt in range(FRESH_TRIES):
            beat = pick(self.random, storyline.beats)
            slots = fill_slots(self.random, self.section, self.common, beat)
            titles = {render(chapter, slots) for chapter in storyline.chapters}
            if not titles & self._titles:
                break
        self._titles |= titles
        return beat, slots

    def _fresh_single(self) -> tuple[str, dict[str, str], str]:
        for _attempt in range(FRESH_TRIES):
            group = self.section.singles[int(self.random.integers(len(self.section.singles)))]
            beat = pick(self.random, group.beats)
            slots = fill_slots(self.random, self.section, self.common, beat)
            title = render(pick(self.random, group.titles), slots)
            if title not in self._titles:
                break
        self._titles.add(title)
        return beat, slots, title

    def _article(
        self, beat: str, title: str, lead: str, slots: dict[str, str], moment: float, appeal: float
    ) -> Article:
        return Article(
            content_id="",
            section_row=self.row,
            section=self.section.name,
            beat=beat,
            title=title,
            deck=compose_deck(self.random, lead, self.common, slots),
            text=compose_text(self.random, title, lead, self.common, slots),
            label=self.section.title,
            keywords=(),
            content_type="review" if title.startswith("Review") else self.section.content_type,
            published_epoch_s=int(moment),
            appeal=appeal,
        )

    def _appeal(self, spread: float) -> float:
        return self.section.appeal * self._noise(spread)

    def _noise(self, spread: float) -> float:
        return float(self.random.lognormal(0.0, spread))

    def _working_hour(self) -> float:
        """Give a moment of the three weeks; four in five lie between 5 and 21 o'clock, local time."""
        first, last = self.settings.archive_start_epoch_s, self.settings.end_epoch_s
        while True:
            moment = first + self.random.random() * (last - first)
            local_hour = (moment + LOCAL_OFFSET_S) % DAY_S / HOUR_S
            if 5 <= local_hour < 21 or self.random.random() < 0.3:
                return moment

    def _in_print(self, moment: float) -> bool:
        return self.settings.archive_start_epoch_s <= moment < self.settings.end_epoch_s
