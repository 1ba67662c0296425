"""English words by what newspapers write about, 40 each, and 80 that stand in any article."""

TOPICS = {
    "football": (
        "football goal striker league penalty midfielder referee stadium keeper kick coach tackle offside "
        "champion fixture derby squad header transfer trophy pitch defender winger soccer tournament scorer "
        "playoff relegation dribble crossbar halftime substitute freekick fullback captain supporters "
        "promotion athlete match jersey"
    ),
    "politics": (
        "parliament minister election ballot coalition senator campaign voter legislation opposition cabinet "
        "president referendum governor congress candidate diplomat mayor policy debate treaty constitution "
        "democrat republican chancellor lobbyist inauguration veto amendment ambassador poll statesman "
        "lawmaker majority manifesto caucus bureaucracy councillor summit sovereignty"
    ),
    "finance": (
        "bank inflation shares investor stock dividend bond interest currency profit mortgage trader economy "
        "recession loan credit earnings deficit hedge broker pension merger audit bankruptcy equity capital "
        "treasury portfolio yield revenue lender fiscal savings asset debt turnover index fund shareholder "
        "stimulus"
    ),
    "medicine": (
        "hospital doctor vaccine patient surgery virus cancer therapy nurse clinic disease drug symptom "
        "diagnosis infection antibiotic physician epidemic tumor diabetes heart blood immune treatment "
        "pharmacy allergy stroke transplant pediatric dementia insulin fever ward prescription hormone asthma "
        "anesthesia injection health lungs"
    ),
    "weather": (
        "storm rain flood hurricane drought temperature snow wind forecast thunder hail frost cyclone "
        "heatwave climate humidity blizzard lightning tornado cloud sunshine monsoon fog barometer glacier "
        "warming rainfall ice landslide thaw breeze gale drizzle meteorologist downpour avalanche tide "
        "degrees celsius chilly"
    ),
    "technology": (
        "software computer smartphone internet robot algorithm chip laptop hacker server browser startup "
        "database encryption programmer network silicon app cyber code processor digital keyboard gadget "
        "password cloud semiconductor malware website tablet interface firmware bandwidth developer "
        "automation pixel router download virtual sensor"
    ),
    "cooking": (
        "recipe chef oven sauce garlic butter flour soup dessert bake spice onion pasta restaurant flavor "
        "roast cheese kitchen salad pepper dough vinegar grill basil cake cream tomato stew lemon herbs "
        "skillet olive menu chocolate broth marinade dumpling noodles pastry cinnamon"
    ),
    "crime": (
        "police murder arrest robbery suspect detective jail theft trial court judge prosecutor prison "
        "witness burglary fraud verdict lawyer jury smuggling weapon gang investigation victim sentence bail "
        "homicide forensic evidence kidnapping assault fugitive convicted felony alibi inmate sheriff "
        "handcuffs testimony perpetrator"
    ),
    "music": (
        "concert guitar orchestra singer album melody opera band drummer piano symphony lyrics violin chorus "
        "jazz conductor festival rhythm composer soprano tenor ballad record choir cello rapper tune "
        "microphone vinyl musician rehearsal harmony sonata trumpet songwriter stage encore quartet acoustic "
        "tempo"
    ),
    "space": (
        "rocket planet astronaut orbit satellite telescope moon galaxy comet spacecraft asteroid launch mars "
        "lunar cosmos star gravity nebula eclipse meteorite saturn jupiter shuttle probe astronomer universe "
        "crater module solar constellation spacewalk cosmonaut observatory capsule rover supernova payload "
        "celestial venus starlight"
    ),
    "travel": (
        "airline flight hotel tourist passport airport beach luggage cruise holiday visa resort passenger "
        "journey destination island train backpack sightseeing hostel itinerary vacation ferry booking "
        "suitcase guidebook coast excursion lodge sunbathing safari voyage boarding terminal stopover "
        "campsite landmark traveler pilgrimage tour"
    ),
    "schools": (
        "teacher pupil classroom exam university student homework curriculum lecture kindergarten professor "
        "degree tuition scholarship campus diploma literacy textbook grade learning principal graduate "
        "education lesson semester tutor academic enrollment college seminar playground spelling dropout "
        "faculty thesis algebra schoolyard dean blackboard syllabus"
    ),
}
COMMON = (
    "today yesterday people news report week new year time local said told many last first around between "
    "later while during however about other several another still never always early late often group "
    "place part number end city country morning evening night month plan change question answer reason "
    "case point side line word hand head life world home water street house area road name story man "
    "woman child family friend member team leader public open close long short high low big small good "
)
