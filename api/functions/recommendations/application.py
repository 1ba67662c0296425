"""Connect everything to AWS, or to whatever AWS_ENDPOINT_URL names."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session
from signed_calls.client import shortened
from signed_calls.operations import DYNAMODB, PERSONALIZE

from recommendations.api import Api
from recommendations.article_cache import ArticleCache
from recommendations.backends import NamedResources, backend_from_parameters
from recommendations.breaker import Breakers
from recommendations.chain import Wishes
from recommendations.content import Content
from recommendations.conversion import ALL_COLUMNS, IMAGE_COLUMNS
from recommendations.dead_letters import DeadLetters
from recommendations.delivery import Deliverer
from recommendations.directory import BackendDirectory
from recommendations.event_intake import EventIntake, FanOut
from recommendations.exposures import BufferedExposures, Exposures
from recommendations.personalize import PersonalizeRuntime
from recommendations.popular import MemoryStore, PopularList, TableStore
from recommendations.post_ranking import Hook, load_hook, section_limit
from recommendations.recommender import Recommender
from recommendations.service import UNCOVERED_S, Service
from recommendations.settings import Settings
from recommendations.tables import TableReader

MOST_ARTICLES_KEPT = 10_000
CONNECT_TIMEOUT_S = 0.3
WRITE_TIMEOUT_S = 1.5  # a page waits for its events: what is not taken by then is safe in the queue
QUEUE_CONNECT_TIMEOUT_S, QUEUE_TIMEOUT_S, QUEUE_TRIES = 1.0, 2.0, 2  # the last that may take them
EVENTS_PATIENCE_S = 1.0  # a call that took longer is not tried again while a page waits


@dataclass(frozen=True)
class Clients:
    """The AWS clients that the application uses."""

    dynamodb: Any
    personalize: Any
    events: Any
    kinesis: Any
    sqs: Any


class LazyClient:
    """A client that is made when it is first used: most instances never send an event to a queue."""

    def __init__(self, session: Session, name: str, config: Config) -> None:
        self._session = session
        self._name = name
        self._config = config
        self._client: Any = None

    def __getattr__(self, operation: str) -> Any:
        return partial(self._call, operation)

    def _call(self, operation: str, **arguments: Any) -> Any:
        if self._client is None:
            self._client = self._session.create_client(self._name, config=self._config)
        return getattr(self._client, operation)(**arguments)


def client_config(settings: Settings) -> Config:
    """Give up a read when no request can be waiting for it any more; trying again is the application's own business."""
    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=max(settings.deadline_ms / 1000, UNCOVERED_S),
        max_pool_connections=settings.connections,
        retries={"mode": "standard", "total_max_attempts": 1},
        parameter_validation=False,  # the arguments are made by this code from checked input
        tcp_keepalive=True,
        user_agent="recommendations-api",  # botocore puts its own together anew for every call
    )


def make_clients(settings: Settings, write_timeout_s: float = WRITE_TIMEOUT_S) -> Clients:
    """Make the clients; the calls that every request makes go the short way."""
    session = get_session()
    reading = client_config(settings)
    writing = reading.merge(Config(read_timeout=write_timeout_s, parameter_validation=True))
    return Clients(
        dynamodb=shortened(session.create_client("dynamodb", config=reading), session, DYNAMODB),
        personalize=shortened(session.create_client("personalize-runtime", config=reading), session, PERSONALIZE),
        events=LazyClient(session, "personalize-events", writing),
        kinesis=LazyClient(session, "kinesis", writing),
        sqs=LazyClient(session, "sqs", writing.merge(queue_config())),
    )


def queue_config() -> Config:
    """Give the queue more time, and a second try: what it does not take is lost."""
    retries = {"mode": "standard", "total_max_attempts": QUEUE_TRIES}
    return Config(connect_timeout=QUEUE_CONNECT_TIMEOUT_S, read_timeout=QUEUE_TIMEOUT_S, retries=retries)


@dataclass(frozen=True)
class Application:
    """The parts that adapters and commands use."""

    api: Api
    service: Service
    exposures: Exposures


def build_application(
    settings: Settings, clients: Clients | None = None, *, lives_on: bool = False, **tools: Any
) -> Application:
    """Put the parts together; `tools` (clock, now_epoch_s, sleep) are the real ones unless given.

    `lives_on` says that the process goes on between requests, as a server's does and a function's does not.

    Errors: ValueError or ImportError for settings that cannot be.
    """
    clients = clients or make_clients(settings)
    clock, now_epoch_s = tools.get("clock", time.monotonic), tools.get("now_epoch_s", time.time)
    sleep = tools.get("sleep", time.sleep)
    executor = ThreadPoolExecutor(settings.connections, thread_name_prefix="call")
    breakers = Breakers(clock)
    directory = build_directory(settings, clients.dynamodb, clock)
    keeping = BufferedExposures if lives_on else Exposures
    exposures = keeping(clients.dynamodb, settings.exposures_table, now_epoch_s)
    store = TableStore(clients.dynamodb, settings.fallback_table) if settings.fallback_table else MemoryStore()
    popular = PopularList(store, ttl_s=settings.popular_ttl_s, clock=clock)
    hooks = build_hooks(settings)
    wishes = Wishes(
        settings.default_category,
        settings.recent_days,
        look_ahead=settings.look_ahead if hooks else 1,
        metadata_columns=settings.metadata_columns,
    )
    runtime = PersonalizeRuntime(clients.personalize, clock)
    service = Service(
        directory=directory,
        recommender=Recommender(runtime, wishes, executor=executor, breakers=breakers, now_epoch_s=now_epoch_s),
        content=Content(
            *build_readers(settings, clients.dynamodb, sleep),
            cache=ArticleCache(ttl_s=settings.content_ttl_s, most=MOST_ARTICLES_KEPT, clock=clock),
            executor=executor,
            breakers=breakers,
        ),
        popular=popular,
        exposures=exposures,
        executor=executor,
        hooks=hooks,
        default_category=settings.default_category,
        deadline_s=settings.deadline_ms / 1000,
        clock=clock,
    )
    intake = EventIntake(
        directory=directory,
        exposures=exposures,
        deliverer=Deliverer(
            clients.events, executor, random=Random(), sleep=sleep, clock=clock, patience_s=EVENTS_PATIENCE_S
        ),
        dead_letters=DeadLetters(clients.sqs, settings.dead_letter_queue_url),
        fan_out=FanOut(clients.kinesis, settings.event_stream),
        now_epoch_s=now_epoch_s,
    )
    api = Api(
        service,
        intake,
        directory=directory,
        popular=popular,
        allowed_origins=settings.allowed_origins,
        auto_context=settings.auto_context,
        clock=clock,
        now_epoch_s=now_epoch_s,
    )
    return Application(api, service, exposures)


def build_directory(settings: Settings, dynamodb: Any, clock: Any) -> BackendDirectory:
    """Connect the settings table; the parameters' backend stands in while it has no active row."""
    named = NamedResources(
        campaign=settings.campaign_name,
        filters_prefix=settings.filters_prefix,
        tracker_id=settings.tracker_id,
        dataset=settings.content_dataset,
        related_campaign=settings.related_campaign_name,
        ranking_campaign=settings.ranking_campaign_name,
    )
    backend = backend_from_parameters(named, settings.arn_prefix)
    return BackendDirectory(dynamodb, settings.settings_table, backend, ttl_s=settings.settings_ttl_s, clock=clock)


def build_readers(settings: Settings, dynamodb: Any, sleep: Any) -> tuple[TableReader, TableReader | None]:
    """Connect the content table and, if there is one, the image table."""
    tools = {"sleep": sleep, "random": Random()}
    columns = [column.source for column in ALL_COLUMNS]
    articles = TableReader(dynamodb, settings.content_table, "ContentId", columns, **tools)
    image_columns = [column.source for column in IMAGE_COLUMNS]
    images = TableReader(dynamodb, settings.image_table, "ContentID", image_columns, **tools)
    return articles, images if settings.image_table else None


def build_hooks(settings: Settings) -> list[Hook]:
    """Make the hooks that the settings name."""
    limit = [section_limit(settings.max_section_items)] if settings.max_section_items > 0 else []
    own = load_hook(settings.post_ranking_hook)
    return [*limit, *([own] if own else [])]
