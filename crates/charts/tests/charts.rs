//! The documents as a whole: golden files of small charts, well-formedness, hostile input, sizes and limits.
//!
//! A changed picture shows as a changed file in `tests/golden`; look at it, and accept it with
//! `UPDATE_GOLDEN=1 cargo test -p clientela-charts`.

use std::path::Path;
use std::time::{Duration, Instant};

use clientela_charts::{
    Axis, Bar, Bars, Captions, Cluster, Column, Course, Cut, Dendrogram, DistanceAxis, Estimate,
    Heatmap, Lines, Mark, Merge, Milestone, Multiples, Panel, Plot, Point, Scale, Scatter, Series,
    Strip, bars, dendrogram, heatmap, lines, multiples, n_branches_shown, scatter,
};

const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"onload=\"alert(1)",
    "' & ]]> <!-- ",
    "\u{0}\u{1}\u{1f}\u{7f}\u{9b}\u{fffe}\u{ffff}\n\t",
    "",
    "   ",
    "\u{202e}gnp.exe\u{2066}",
    "e\u{301}😀 顧客 العميل",
];

fn number(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}")
}

fn captions<'a>(title: &'a str, subtitle: &'a str) -> Captions<'a> {
    Captions {
        title,
        subtitle,
        description: "What the chart says, in a sentence.",
        language: "en",
        number: &number,
    }
}

fn distance() -> DistanceAxis<'static> {
    DistanceAxis {
        scale: None,
        linear: "Distance",
        square_root: "Distance (square root scale)",
        logarithmic: "Distance (logarithmic scale)",
    }
}

fn tree<'a>(merges: &'a [Merge], leaf_labels: &'a [&'a str]) -> Dendrogram<'a> {
    Dendrogram {
        captions: captions("Customers by likeness", ""),
        merges,
        leaf_labels,
        leaf_sizes: None,
        leaf_clusters: None,
        clusters: &[],
        cut: None,
        axis: distance(),
        width: 800.0,
    }
}

fn merge(one: usize, other: usize, distance: f64, count: u64) -> Merge {
    Merge {
        children: [one, other],
        distance,
        count,
    }
}

/// A tree in which each row merges the newest node with the next leaf: as deep as it is long.
fn chain(n_leaves: usize, distance: impl Fn(usize) -> f64) -> Vec<Merge> {
    let other = |row: usize| if row == 0 { 0 } else { n_leaves + row - 1 };
    (0..n_leaves.saturating_sub(1))
        .map(|row| merge(row + 1, other(row), distance(row), row as u64 + 2))
        .collect()
}

/// A tree in which neighbors merge, then neighboring pairs, and so on.
fn balanced(n_leaves: usize) -> Vec<Merge> {
    let mut waiting: std::collections::VecDeque<(usize, u64)> =
        (0..n_leaves).map(|leaf| (leaf, 1)).collect();
    let mut merges = Vec::new();
    while let (Some((one, a)), Some((other, b))) = (waiting.pop_front(), waiting.pop_front()) {
        waiting.push_back((n_leaves + merges.len(), a + b));
        merges.push(merge(
            one.min(other),
            one.max(other),
            merges.len() as f64,
            a + b,
        ));
        if waiting.len() == 1 {
            break;
        }
    }
    merges
}

fn names(n: usize) -> Vec<String> {
    (0..n).map(|leaf| format!("C{leaf:05}")).collect()
}

/// Parses the document and holds it against what every chart promises.
#[track_caller]
fn check(svg: &str) {
    const ELEMENTS: [&str; 8] = ["svg", "title", "desc", "style", "rect", "path", "text", "g"];
    let document = roxmltree::Document::parse(svg).expect("the document is well-formed");
    let root = document.root_element();
    assert_eq!(
        (
            root.attribute("role"),
            root.attribute("aria-label").is_some()
        ),
        (Some("img"), true)
    );
    let mut children = root.children().filter(roxmltree::Node::is_element);
    assert_eq!(
        children.next().map(|node| node.tag_name().name()),
        Some("title")
    );
    assert_eq!(
        children.next().map(|node| node.tag_name().name()),
        Some("desc")
    );
    let size = |name| root.attribute(name).unwrap().parse::<f64>().unwrap();
    let (width, height) = (size("width"), size("height"));
    assert_eq!((width.fract(), height.fract()), (0.0, 0.0), "whole pixels");
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(
            ELEMENTS.contains(&node.tag_name().name()),
            "{}",
            node.tag_name().name()
        );
        for attribute in node.attributes() {
            assert!(
                !attribute.name().starts_with("on") && attribute.name() != "href",
                "{}",
                attribute.name()
            );
        }
        if let (Some(x), Some(y)) = (node.attribute("x"), node.attribute("y")) {
            let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
            assert!(
                (0.0..=width).contains(&x) && (0.0..=height).contains(&y),
                "{x}, {y} in {width} × {height}"
            );
        }
        for number in node
            .attribute("d")
            .unwrap_or_default()
            .split(|c: char| c.is_ascii_alphabetic() || c == ' ')
        {
            let decimals = number
                .split_once('.')
                .map_or(0, |(_, decimals)| decimals.len());
            assert!(
                decimals <= 2 && (number.is_empty() || number.parse::<f64>().is_ok()),
                "{number}"
            );
        }
    }
}

#[track_caller]
fn check_golden(name: &str, svg: &str) {
    check(svg);
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
        .with_extension("svg");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, svg).expect("the golden folder can be written");
    }
    let expected = std::fs::read_to_string(&path).expect("there is a golden file of that name");
    assert!(
        svg == expected,
        "{name} has changed; look at it and accept it with UPDATE_GOLDEN=1"
    );
}

#[test]
fn a_dendrogram_is_drawn_as_before() {
    let merges = [
        merge(0, 2, 1.5, 2),
        merge(4, 5, 2.0, 2),
        merge(1, 6, 4.0, 3),
        merge(3, 7, 7.0, 3),
        merge(8, 9, 20.0, 6),
    ];
    let chart = Dendrogram {
        captions: captions(
            "Six customers in two clusters",
            "Distances in the units of the columns",
        ),
        leaf_clusters: Some(&[0, 0, 0, 1, 1, 1]),
        clusters: &[
            Cluster {
                id: 0,
                name: "Regulars (3)",
            },
            Cluster {
                id: 1,
                name: "Champions (3)",
            },
        ],
        cut: Some(Cut {
            distance: 13.5,
            label: "2 clusters",
        }),
        ..tree(
            &merges,
            &["Ana", "Bruno", "Carla", "Diego", "Elena", "Fábio"],
        )
    };
    check_golden("dendrogram", &dendrogram(&chart));
}

#[test]
fn bars_are_drawn_as_before() {
    let bar = |label, value, text, cluster| Bar {
        label,
        value,
        text,
        cluster,
    };
    let chart = Bars {
        captions: captions("Champions spend most", "3 clusters"),
        measure: "Average spend",
        bars: &[
            bar("Regulars", 591.11, "591.11", Some(0)),
            bar("Big baskets", 2577.37, "2,577.37", Some(1)),
            bar("Lost", -120.0, "-120.00", Some(-1)),
            bar("Nobody", 0.0, "0.00", None),
        ],
        width: 640.0,
    };
    check_golden("bars", &bars(&chart));
}

#[test]
fn a_scatter_plot_is_drawn_as_before() {
    let point = |x, y, size, cluster, label| Point {
        x,
        y,
        size,
        cluster,
        label,
    };
    let points = [
        point(1.0, 40.0, 1.0, 0, "Ana"),
        point(3.0, 90.5, 2.0, 0, "Bruno"),
        point(12.0, 4_000.0, 4.0, 1, "Carla"),
        point(0.0, 0.0, 1.0, -1, ""),
        point(9.0, 700.0, 3.0, 9, "Diego"),
        point(f64::NAN, 1.0, 1.0, 0, "left out"),
    ];
    let chart = Scatter {
        captions: captions("Frequency and spend", ""),
        x: Axis {
            name: "Purchases",
            scale: Scale::Linear,
        },
        y: Axis {
            name: "Spend (logarithmic scale)",
            scale: Scale::Logarithmic,
        },
        points: &points,
        clusters: &[
            Cluster {
                id: 0,
                name: "Regulars",
            },
            Cluster {
                id: 1,
                name: "Champions",
            },
        ],
        width: 640.0,
    };
    check_golden("scatter", &scatter(&chart));
}

#[test]
fn a_heat_map_is_drawn_as_before() {
    let chart = Heatmap {
        captions: captions("Recency and frequency", "Customers by score"),
        row_axis: "Recency score",
        column_axis: "Frequency score",
        row_labels: &["3", "2", "1"],
        column_labels: &["1", "2", "3"],
        counts: &[0, 4, 100, 7, 25, 60, 90, 12, 1],
        width: 480.0,
    };
    check_golden("heatmap", &heatmap(&chart));
}

/// A line and its forecast by week, and by rank.
fn tracked<'a>(captions: Captions<'a>, panels: &'a [Panel<'a>]) -> Lines<'a> {
    Lines {
        captions,
        panels,
        width: 640.0,
    }
}

fn weeks(name: &str) -> Course<'_> {
    Course::Measure(Axis {
        name,
        scale: Scale::Linear,
    })
}

#[test]
fn lines_are_drawn_as_before() {
    let actual: Vec<(f64, f64)> = (0..60)
        .map(|week| (f64::from(week), f64::from(week * 40)))
        .collect();
    let expected: Vec<(f64, f64)> = (0..60)
        .map(|week| (f64::from(week), f64::from(week * 45 - week * week / 4)))
        .collect();
    let by_rank = [(1.0, 0.0), (2.0, 12.5), (3.0, f64::NAN), (4.0, 800.0)];
    let series = |name, points, is_dashed| Series {
        name,
        points,
        is_dashed,
    };
    let over_time = [
        series("Actual", &actual, false),
        series("Expected", &expected, true),
    ];
    let over_ranks = [
        series("Actual", &by_rank, false),
        series("Forecast", &by_rank[1..], true),
    ];
    let money = |name, scale| Axis { name, scale };
    let panels = [
        Panel {
            heading: "Repeat purchases by week",
            x: weeks("Week"),
            y: money("Purchases", Scale::Linear),
            series: &over_time,
            milestone: Some(Milestone {
                x: 40.0,
                label: "Learned up to here",
            }),
        },
        Panel {
            heading: "By decile of the forecast",
            x: Course::Ranks {
                name: "Decile",
                n_ranks: 4,
            },
            y: money("Value (square root scale)", Scale::SquareRoot),
            series: &over_ranks,
            milestone: None,
        },
    ];
    let svg = lines(&tracked(
        captions("Forecast and outcome", "n = 12"),
        &panels,
    ));
    check_golden("lines", &svg);
}

/// Forecasts against what came, and how much better than chance each fourth is.
fn plots<'a>(
    name: &'a str,
    marks: [&'a [Mark<'a>]; 2],
    columns: &'a [Column<'a>],
) -> [Plot<'a>; 2] {
    let axis = Axis {
        name,
        scale: Scale::Linear,
    };
    let ranks = Course::Ranks { name, n_ranks: 4 };
    let plot = |x, marks, strip| Plot {
        heading: name,
        note: name,
        x,
        y: axis,
        marks,
        strip,
    };
    [
        plot(
            Course::Measure(axis),
            marks[0],
            Some(Strip { name, columns }),
        ),
        plot(ranks, marks[1], None),
    ]
}

#[test]
fn small_multiples_are_drawn_as_before() {
    let estimate = |x: f64, y, half, label| Estimate {
        x,
        y,
        lower: y - half,
        upper: y + half,
        label,
    };
    let estimates = [
        estimate(10.0, 12.0, 5.0, "10 % forecast, 12 % came"),
        estimate(45.0, 40.0, 8.0, ""),
        estimate(90.0, f64::NAN, 8.0, "left out"),
    ];
    let column = |rank: f64, height| Column {
        from: rank - 0.4,
        to: rank + 0.4,
        height,
        label: "a column",
    };
    let columns = [2.0, 1.5, 0.4, 0.1]
        .iter()
        .zip([1.0, 2.0, 3.0, 4.0])
        .map(|(&height, rank)| column(rank, height));
    let columns: Vec<Column<'_>> = columns.collect();
    let curve = [
        (1.0, 2.0),
        (2.0, 1.5),
        (f64::NAN, 1.0),
        (3.0, 0.4),
        (4.0, 0.1),
    ];
    let reference = |from, to| Mark::Reference {
        name: "Even",
        from,
        to,
    };
    let over_forecasts = [
        reference((0.0, 0.0), (60.0, 60.0)),
        Mark::Estimates {
            name: "Tenths of the customers",
            estimates: &estimates,
        },
    ];
    let over_ranks = [
        Mark::Columns {
            name: "Lift",
            columns: &columns,
        },
        Mark::Curve {
            name: "Forecast",
            points: &curve,
        },
        reference((0.5, 1.0), (4.5, 1.0)),
    ];
    let strip = [(0.0, 20.0, 90.0), (20.0, 40.0, 30.0), (40.0, 60.0, 4.0)];
    let strip = strip.map(|(from, to, height)| Column {
        from,
        to,
        height,
        label: "",
    });
    let plots = plots("Forecast, %", [&over_forecasts, &over_ranks], &strip);
    for (name, width) in [("multiples", 800.0), ("multiples-narrow", 360.0)] {
        let svg = multiples(&Multiples {
            captions: captions("How good the forecast is", "n = 12"),
            plots: &plots,
            width,
        });
        check_golden(name, &svg);
        let side_by_side = svg.matches("translate(").count();
        assert_eq!(side_by_side, 2, "two vertical axes have a name");
        assert!(!svg.contains("left out"));
    }
}

#[test]
fn ten_thousand_weeks_are_a_small_document() {
    let points: Vec<(f64, f64)> = (0..100_000)
        .map(|week| (f64::from(week), f64::from(week) * 3.0))
        .collect();
    let series = [Series {
        name: "Actual",
        points: &points,
        is_dashed: false,
    }];
    let panels = [Panel {
        heading: "",
        x: weeks("Week"),
        y: Axis {
            name: "Purchases",
            scale: Scale::Linear,
        },
        series: &series,
        milestone: None,
    }];
    let svg = lines(&tracked(captions("Long", ""), &panels));
    assert!(svg.len() < 40_000, "{}", svg.len());
    check(&svg);
}

/// Where the values of the vertical axis stand, lowest first; the drawing has one panel.
fn heights_of_values(svg: &str) -> Vec<f64> {
    let document = roxmltree::Document::parse(svg).expect("well-formed");
    let texts = document.descendants();
    let values = texts.filter(|node| node.attribute("text-anchor") == Some("end"));
    values
        .map(|node| node.attribute("y").unwrap().parse().unwrap())
        .collect()
}

#[test]
fn values_stand_apart_and_no_mark_above_the_last_however_narrow_the_chart() {
    for width in [240.0, 360.0, 900.0] {
        for scale in [Scale::Linear, Scale::SquareRoot] {
            for largest in [0.0, 1.0, 168.61, 4_321.0, 9.9e8] {
                let points = [(1.0, 0.0), (2.0, largest)];
                let series = [Series {
                    name: "Actual",
                    points: &points,
                    is_dashed: false,
                }];
                let panels = [Panel {
                    heading: "Value",
                    x: Course::Ranks {
                        name: "Rank",
                        n_ranks: 2,
                    },
                    y: Axis {
                        name: "Value",
                        scale,
                    },
                    series: &series,
                    milestone: None,
                }];
                let chart = Lines {
                    width,
                    ..tracked(captions("Narrow", ""), &panels)
                };
                let svg = lines(&chart);
                check(&svg);
                let heights = heights_of_values(&svg);
                assert!(
                    heights.windows(2).all(|pair| pair[0] - pair[1] >= 11.0),
                    "{width} {scale:?} {largest}: {heights:?}"
                );
                let line = svg.split("<title>Actual</title>").nth(1).expect("a line");
                let end = line.split(['L', '"']).nth(2).expect("its end");
                let end: f64 = end.split(' ').nth(1).expect("y").parse().expect("a number");
                // A value stands 4 below its line.
                let last = heights.last().expect("a value") - 4.0;
                assert!(last <= end, "{width} {scale:?} {largest}: {last} {end}");
            }
        }
    }
}

#[test]
fn hostile_words_stay_words() {
    let merges = balanced(HOSTILE.len());
    for word in HOSTILE.into_iter().chain([
        "x".repeat(100_000).as_str(),
        "long words ".repeat(9_000).as_str(),
    ]) {
        let captions = Captions {
            title: word,
            subtitle: word,
            description: word,
            language: word,
            number: &number,
        };
        let cluster = [Cluster { id: 0, name: word }];
        let labels = [word; HOSTILE.len()];
        let chart = Dendrogram {
            captions,
            clusters: &cluster,
            cut: Some(Cut {
                distance: 2.0,
                label: word,
            }),
            axis: DistanceAxis {
                scale: None,
                linear: word,
                square_root: word,
                logarithmic: word,
            },
            ..tree(&merges, &labels)
        };
        check(&dendrogram(&chart));
        check(&dendrogram(&tree(&merges, &HOSTILE)));
        let bar = Bar {
            label: word,
            value: 1.0,
            text: word,
            cluster: None,
        };
        check(&bars(&Bars {
            captions,
            measure: word,
            bars: &[bar, bar],
            width: 300.0,
        }));
        let point = Point {
            x: 1.0,
            y: 2.0,
            size: 1.0,
            cluster: 0,
            label: word,
        };
        let axis = Axis {
            name: word,
            scale: Scale::Linear,
        };
        check(&scatter(&Scatter {
            captions,
            x: axis,
            y: axis,
            points: &[point],
            clusters: &cluster,
            width: 300.0,
        }));
        let map = Heatmap {
            captions,
            row_axis: word,
            column_axis: word,
            row_labels: &[word],
            column_labels: &[word],
            counts: &[3],
            width: 300.0,
        };
        check(&heatmap(&map));
        let series = [Series {
            name: word,
            points: &[(0.0, 1.0), (1.0, 2.0)],
            is_dashed: true,
        }; 3];
        let panel = |x| Panel {
            heading: word,
            x,
            y: axis,
            series: &series,
            milestone: Some(Milestone {
                x: 0.5,
                label: word,
            }),
        };
        let ranks = Course::Ranks {
            name: word,
            n_ranks: 2,
        };
        let panels = [panel(Course::Measure(axis)), panel(ranks)];
        check(&lines(&tracked(captions, &panels)));
        let marks = every_mark(word, &[1.0, 2.0]);
        let columns = [Column {
            from: 0.0,
            to: 1.0,
            height: 2.0,
            label: word,
        }];
        check(&multiples(&Multiples {
            captions,
            plots: &plots(word, [&marks.each(), &marks.each()], &columns),
            width: 300.0,
        }));
    }
}

/// What marks of every kind show of some values.
struct Marks<'a> {
    name: &'a str,
    points: Vec<(f64, f64)>,
    columns: Vec<Column<'a>>,
    estimates: Vec<Estimate<'a>>,
}

fn every_mark<'a>(name: &'a str, values: &[f64]) -> Marks<'a> {
    let column = |&value: &f64| Column {
        from: value,
        to: -value,
        height: value,
        label: name,
    };
    let estimate = |&value: &f64| Estimate {
        x: value,
        y: value,
        lower: -value,
        upper: value,
        label: name,
    };
    Marks {
        name,
        points: values.iter().map(|&value| (value, -value)).collect(),
        columns: values.iter().map(column).collect(),
        estimates: values.iter().map(estimate).collect(),
    }
}

impl Marks<'_> {
    fn each(&self) -> [Mark<'_>; 4] {
        let name = self.name;
        let end = |point: Option<&(f64, f64)>| point.copied().unwrap_or_default();
        [
            Mark::Reference {
                name,
                from: end(self.points.first()),
                to: end(self.points.last()),
            },
            Mark::Curve {
                name,
                points: &self.points,
            },
            Mark::Columns {
                name,
                columns: &self.columns,
            },
            Mark::Estimates {
                name,
                estimates: &self.estimates,
            },
        ]
    }
}

#[test]
fn a_label_is_shown_as_it_is_written() {
    let svg = dendrogram(&tree(&[], &["<b>\"Ana\" & 'Co'</b>"]));
    let document = roxmltree::Document::parse(&svg).unwrap();
    assert!(
        document
            .descendants()
            .any(|node| node.text() == Some("<b>\"Ana\" & 'Co'</b>"))
    );
}

#[test]
fn the_smallest_charts_are_charts() {
    check(&dendrogram(&tree(&[], &[])));
    check(&dendrogram(&tree(&[], &["only"])));
    check(&dendrogram(&tree(&[merge(0, 1, 0.0, 2)], &["a", "b"])));
    check(&bars(&Bars {
        captions: captions("", ""),
        measure: "",
        bars: &[],
        width: 0.0,
    }));
    let axis = Axis {
        name: "x",
        scale: Scale::Logarithmic,
    };
    check(&scatter(&Scatter {
        captions: captions("t", ""),
        x: axis,
        y: axis,
        points: &[],
        clusters: &[],
        width: 300.0,
    }));
    let empty = Heatmap {
        captions: captions("t", ""),
        row_axis: "r",
        column_axis: "c",
        row_labels: &[],
        column_labels: &[],
        counts: &[],
        width: 300.0,
    };
    check(&heatmap(&empty));
    check(&lines(&tracked(captions("t", ""), &[])));
    let panel = |x| Panel {
        heading: "",
        x,
        y: axis,
        series: &[],
        milestone: None,
    };
    let ranks = Course::Ranks {
        name: "",
        n_ranks: 0,
    };
    let panels = [panel(Course::Measure(axis)), panel(ranks)];
    check(&lines(&tracked(captions("t", ""), &panels)));
    let nothing = every_mark("", &[]);
    let empty = nothing.each();
    for plots in [
        &[][..],
        &plots("", [&[], &[]], &[]),
        &plots("", [&empty, &empty], &[]),
    ] {
        check(&multiples(&Multiples {
            captions: captions("t", ""),
            plots,
            width: 640.0,
        }));
    }
}

#[test]
fn every_width_and_scale_holds_extreme_values() {
    let labels = ["a", "b", "c", "d", "e"];
    let distances = [
        [0.0; 4],
        [0.0, 0.0, 1e-300, 1e308],
        [5e-324, 1.0, 2.0, f64::MAX],
        [9.0, 3.0, 1.0, 0.5],
    ];
    for width in [f64::NAN, -5.0, 0.0, 240.0, 1e9] {
        for scale in [
            None,
            Some(Scale::Linear),
            Some(Scale::SquareRoot),
            Some(Scale::Logarithmic),
        ] {
            for distances in distances {
                let merges = chain(labels.len(), |row| distances[row]);
                let axis = DistanceAxis {
                    scale,
                    ..distance()
                };
                check(&dendrogram(&Dendrogram {
                    width,
                    axis,
                    ..tree(&merges, &labels)
                }));
            }
            let scale = scale.unwrap_or_default();
            let values = [f64::MIN, -1.0, 0.0, 5e-324, 1.0, f64::MAX, f64::INFINITY];
            let point = |value: f64| Point {
                x: value,
                y: -value,
                size: value,
                cluster: value as i64,
                label: "",
            };
            let axis = Axis { name: "x", scale };
            let captions = captions("t", "");
            check(&scatter(&Scatter {
                captions,
                x: axis,
                y: axis,
                points: &values.map(point),
                clusters: &[],
                width,
            }));
            let bar = |value: f64| Bar {
                label: "b",
                value,
                text: "v",
                cluster: Some(i64::MIN),
            };
            check(&bars(&Bars {
                captions,
                measure: "m",
                bars: &values.map(bar),
                width,
            }));
            let points = values.map(|value| (value, -value));
            let series = [Series {
                name: "s",
                points: &points,
                is_dashed: false,
            }];
            let panel = |x| Panel {
                heading: "h",
                x,
                y: axis,
                series: &series,
                milestone: Some(Milestone {
                    x: f64::MAX,
                    label: "m",
                }),
            };
            let ranks = Course::Ranks {
                name: "r",
                n_ranks: usize::MAX,
            };
            let panels = [panel(Course::Measure(axis)), panel(ranks)];
            check(&lines(&Lines {
                captions,
                panels: &panels,
                width,
            }));
            let marks = every_mark("n", &values);
            let each = marks.each();
            let mut plots = plots("p", [&each, &each], &marks.columns);
            plots.iter_mut().for_each(|plot| plot.y = axis);
            check(&multiples(&Multiples {
                captions,
                plots: &plots,
                width,
            }));
        }
    }
}

#[test]
fn trees_of_any_size_and_depth_are_small_documents() {
    for n_leaves in [199, 200, 300, 2_000, 2_001, 10_000, 100_000] {
        let names = names(n_leaves);
        let labels: Vec<&str> = names.iter().map(String::as_str).collect();
        let clusters: Vec<i64> = (0..n_leaves as i64).map(|leaf| leaf % 7 - 1).collect();
        for merges in [balanced(n_leaves), chain(n_leaves, |row| row as f64)] {
            let chart = Dendrogram {
                leaf_clusters: Some(&clusters),
                ..tree(&merges, &labels)
            };
            let svg = dendrogram(&chart);
            assert!(
                svg.len() < 1_000_000,
                "{n_leaves} leaves take {} bytes",
                svg.len()
            );
            check(&svg);
            assert_eq!(
                n_leaves <= 200,
                names.iter().all(|name| svg.contains(name.as_str()))
            );
        }
    }
}

#[test]
fn a_tree_has_as_many_branches_as_are_told() {
    for (n_leaves, n_shown) in [(1, 1), (2_000, 2_000), (2_001, 150)] {
        assert_eq!(n_branches_shown(n_leaves), n_shown);
    }
    let names = names(2_001);
    let labels: Vec<&str> = names.iter().map(String::as_str).collect();
    let svg = dendrogram(&tree(&balanced(2_001), &labels));
    assert_eq!(svg.matches("fill-opacity=\"0.3\"").count(), 150);
}

#[test]
fn clusters_of_one_color_have_different_shapes_beside_the_leaves() {
    let merges = balanced(3);
    let chart = |clusters: &'static [i64; 3]| Dendrogram {
        leaf_clusters: Some(clusters),
        ..tree(&merges, &["a", "b", "c"])
    };
    let marks = |clusters| {
        dendrogram(&chart(clusters))
            .matches("class=\"f0 e\"")
            .count()
    };
    assert_eq!(
        (marks(&[0, 0, 0]), marks(&[8, 8, 0]), marks(&[0, 8, 16])),
        (0, 1, 2)
    );
    let [first, ninth, seventeenth] =
        [&[0, 0, 0], &[8, 8, 8], &[16, 16, 16]].map(|c| dendrogram(&chart(c)));
    assert!(first != ninth && ninth != seventeenth);
}

#[test]
fn ten_thousand_leaves_take_less_than_a_second() {
    let names = names(10_000);
    let labels: Vec<&str> = names.iter().map(String::as_str).collect();
    let merges = balanced(10_000);
    let start = Instant::now();
    let svg = dendrogram(&tree(&merges, &labels));
    assert!(start.elapsed() < Duration::from_secs(1) && svg.contains(" +"));
}

#[test]
fn a_million_points_are_a_small_document() {
    let point = |i: u64| {
        // Weyl sequences: even cover without a random generator.
        let share = |factor: u64| (i.wrapping_mul(factor) >> 11) as f64 / (1_u64 << 53) as f64;
        let (x, y) = (share(0x9e37_79b9_7f4a_7c15), share(0xd1b5_4a32_d192_ed03));
        Point {
            x,
            y,
            size: 1.0,
            cluster: 0,
            label: "",
        }
    };
    let points: Vec<Point<'_>> = (0..1_000_000).map(point).collect();
    let axis = Axis {
        name: "x",
        scale: Scale::Linear,
    };
    let svg = scatter(&Scatter {
        captions: captions("A million", ""),
        x: axis,
        y: axis,
        points: &points,
        clusters: &[],
        width: 800.0,
    });
    assert!(svg.len() < 1_000_000, "{}", svg.len());
    check(&svg);
}
